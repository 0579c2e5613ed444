/* SPDX-License-Identifier: MIT */
/* The module table: what it knows at the start, and how it follows dlopen and dlclose. */
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <cmocka.h>

#include "base/modules.h"
#include "plugin.h"

static char plugin_a[128], plugin_b[128];
static int have_compiler;

/* The constructor and the destructor call the function whose address is in PLUGIN_HOOK. */
static const char plugin_source[] =
    "#include <stdlib.h>\n"
    "static void hook(void) { const char *s = getenv(\"PLUGIN_HOOK\");\n"
    "	if (s) ((void (*)(void))strtoul(s, NULL, 16))(); }\n"
    "__attribute__((constructor)) static void in(void) { hook(); }\n"
    "__attribute__((destructor)) static void out(void) { hook(); }\n"
    "int data = 1;\n"
    "int call(int (*f)(void)) { return f() + data; }\n";

static const char *base_name(const struct module *m)
{
	const char *slash = strrchr(m->path, '/');

	return slash ? slash + 1 : m->path;
}

static const struct module *by_name(const char *name)
{
	for (unsigned i = module_count(); i-- > 0;)
		if (!strncmp(base_name(module_get(i)), name, strlen(name)))
			return module_get(i);
	return NULL;
}

/* ------------------------------------------------------------------ the start */

static int entry_expected(struct dl_phdr_info *info, size_t size, void *arg)
{
	unsigned *n = arg;
	const struct module *m = module_get(*n);

	(void)size;
	assert_non_null(m);
	assert_int_equal(m->id, *n);
	assert_int_equal(m->bias, info->dlpi_addr);
	if (*n > 0)
		assert_string_equal(m->path, info->dlpi_name);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + ph->p_vaddr;

		if (ph->p_type != PT_LOAD)
			continue;
		assert_ptr_equal(module_find(at), m);
		assert_ptr_equal(module_find(at + ph->p_memsz - 1), m);
		if (ph->p_flags & PF_X)
			assert_true(m->text_start <= at && at + ph->p_memsz <= m->text_end);
	}
	++*n;
	return 0;
}

static void knows_all_in_link_order(void **state)
{
	unsigned n = 0;

	(void)state;
	dl_iterate_phdr(entry_expected, &n);
	assert_int_equal(n, module_count());
	assert_in_range(n, 4, 100); /* us, the vdso, cmocka, libc, ld.so */
	assert_null(module_get(n));
	assert_null(module_find(0));
	assert_null(module_find(4096));
	assert_int_equal(modules_init(), 0);
	assert_int_equal(module_count(), n);
}

static void knows_the_special_ones(void **state)
{
	uintptr_t vdso = getauxval(AT_SYSINFO_EHDR), loader = getauxval(AT_BASE);
	uintptr_t libc = (uintptr_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	char exe[512] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_string_equal(module_get(0)->path, exe);
	assert_true(module_is_self((uintptr_t)knows_the_special_ones));
	assert_true(module_is_self((uintptr_t)&have_compiler));
	assert_false(module_is_self(libc));
	assert_true(module_self_is_main());
	assert_true(loader && module_is_loader(loader) && module_is_loader(loader + 8192));
	assert_false(module_is_loader(libc));
	assert_false(module_is_self(loader));
	if (vdso)
		assert_string_equal(module_find(vdso)->path, "linux-vdso.so.1");
	assert_string_equal(base_name(module_find(libc)), "libc.so.6");
}

static void gives_unwind_tables(void **state)
{
	struct module_eh eh;
	uintptr_t libc = (uintptr_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version");

	(void)state;
	assert_true(module_eh(libc, &eh));
	assert_ptr_equal(eh.hdr, module_find(libc)->eh_frame_hdr);
	assert_true(eh.start <= libc && libc < eh.end);
	assert_int_equal(eh.hdr[0], 1);
	assert_false(module_eh((uintptr_t)&eh, &eh)); /* the stack */
	assert_null(module_learn((uintptr_t)&eh));
}

/* What the file itself says: `readelf -n` is the witness. */
static void has_the_files_build_id(void **state)
{
	const struct module *m = by_name("libc.so.6");
	char command[256], said[128] = "", ours[2 * MODULE_BUILD_ID_MAX + 1] = "";
	FILE *f;

	(void)state;
	snprintf(command, sizeof(command), "readelf -n %s 2>/dev/null | sed -n 's/.*Build ID: //p'",
		 m->path);
	f = popen(command, "r");
	assert_non_null(f);
	if (!fgets(said, sizeof(said), f)) {
		pclose(f);
		skip();
	}
	pclose(f);
	said[strcspn(said, "\n")] = '\0';
	for (unsigned i = 0; i < m->build_id_len; i++)
		snprintf(ours + 2 * i, 3, "%02x", m->build_id[i]);
	assert_string_equal(ours, said);
}

/* ------------------------------------------------------------------ coming and going */

static const struct module *learnt;
static uintptr_t learnt_pc;

static int learn_caller(void)
{
	learnt_pc = (uintptr_t)__builtin_return_address(0);
	learnt = module_learn(learnt_pc);
	return 1;
}

static int call_into(void *plugin)
{
	int (*call)(int (*)(void)) = (int (*)(int (*)(void)))dlsym(plugin, "call");

	assert_non_null(call);
	return call(learn_caller);
}

static void learns_a_module_by_its_code(void **state)
{
	unsigned before = module_count();
	const struct module *m;
	void *h;

	(void)state;
	if (!have_compiler)
		skip();
	h = dlopen(plugin_a, RTLD_NOW);
	assert_non_null(h);
	assert_int_equal(call_into(h), 2);
	m = learnt;
	if (!dlsym(RTLD_DEFAULT, "_dl_find_object")) { /* before 2.35: by the loader's list alone */
		assert_null(m);
		modules_refresh();
	} else {
		assert_non_null(m);
	}
	assert_int_equal(module_count(), before + 1);
	assert_ptr_equal(module_find(learnt_pc), module_get(before));
	assert_string_equal(module_get(before)->path, plugin_a);
	assert_true(module_is_loaded(module_get(before)));
	assert_int_equal(modules_refresh(), 0); /* the list says the same: no second entry */
	assert_int_equal(module_count(), before + 1);
	dlclose(h);
}

static void marks_the_unloaded(void **state)
{
	uint32_t generation;
	const struct module *a, *b, *again;
	uintptr_t pc, data;
	void *h;

	(void)state;
	if (!have_compiler)
		skip();
	modules_refresh(); /* plugin_a of the test before is gone */
	generation = modules_generation();
	h = dlopen(plugin_a, RTLD_NOW);
	modules_refresh();
	assert_int_equal(modules_generation(), generation);
	pc = (uintptr_t)dlsym(h, "call");
	data = (uintptr_t)dlsym(h, "data");
	a = module_find(pc);
	assert_non_null(a);
	assert_true(module_is_loaded(a));
	assert_ptr_equal(a, module_find(data));
	dlclose(h);
	assert_true(module_is_loaded(a)); /* nobody has looked yet */
	modules_refresh();
	assert_false(module_is_loaded(a));
	assert_int_equal(modules_generation(), generation + 1);
	assert_int_equal(a->gen_unloaded, generation + 1);
	assert_ptr_equal(module_find(pc), a); /* still resolves */
	assert_string_equal(a->path, plugin_a);
	assert_null(module_learn(pc));

	h = dlopen(plugin_b, RTLD_NOW);
	modules_refresh();
	b = module_find((uintptr_t)dlsym(h, "call"));
	assert_string_equal(b->path, plugin_b);
	assert_int_not_equal(b->id, a->id);
	assert_string_equal(module_get(a->id)->path, plugin_a);
	dlclose(h);
	modules_refresh();

	/* the first again: where the other had been meanwhile, it is a new entry, the newest there
	 */
	h = dlopen(plugin_a, RTLD_NOW);
	modules_refresh();
	again = module_find((uintptr_t)dlsym(h, "call"));
	assert_string_equal(again->path, plugin_a);
	if (again->start < b->end && b->start < again->end)
		assert_true(again->id > b->id);
	dlclose(h);
	modules_refresh();
}

/* ------------------------------------------------------------------ while others load */

static sem_t inside, go_on;

static void hook_waits(void)
{
	sem_post(&inside);
	sem_wait(&go_on);
}

static void *load_and_unload(void *arg)
{
	void *h = dlopen(plugin_a, RTLD_NOW);

	(void)arg;
	if (h)
		dlclose(h);
	return h;
}

/* Another thread is in dlopen, then in dlclose, and waits there for us: no call of ours may wait
 * for it in turn. If one does, the alarm ends the test. */
static void never_waits_for_a_loading_thread(void **state)
{
	char hook[32];
	pthread_t t;
	void *loaded;

	(void)state;
	if (!have_compiler)
		skip();
	sem_init(&inside, 0, 0);
	sem_init(&go_on, 0, 0);
	snprintf(hook, sizeof(hook), "%lx", (unsigned long)hook_waits);
	setenv("PLUGIN_HOOK", hook, 1);
	alarm(20);
	assert_int_equal(pthread_create(&t, NULL, load_and_unload, NULL), 0);
	for (int visit = 0; visit < 2; visit++) { /* constructor, destructor */
		struct module_eh eh;

		sem_wait(&inside);
		assert_int_equal(modules_refresh(), 0);
		assert_string_equal(by_name("a.so")->path, plugin_a);
		assert_true(module_is_loaded(by_name("a.so")));
		assert_non_null(module_learn((uintptr_t)never_waits_for_a_loading_thread));
		assert_true(module_eh((uintptr_t)never_waits_for_a_loading_thread, &eh));
		sem_post(&go_on);
	}
	pthread_join(t, &loaded);
	alarm(0);
	assert_non_null(loaded);
	unsetenv("PLUGIN_HOOK");
	modules_refresh();
	assert_false(module_is_loaded(by_name("a.so")));
}

/* ------------------------------------------------------------------ again and again, too many */

static void has_one_entry_for_a_plugin_that_comes_and_goes(void **state)
{
	unsigned before = module_count();

	(void)state;
	if (!have_compiler)
		skip();
	for (int i = 0; i < 600; i++) {
		void *h = dlopen(plugin_a, RTLD_NOW);
		uintptr_t pc = (uintptr_t)dlsym(h, "call");

		modules_refresh();
		assert_true(module_is_loaded(module_find(pc)));
		dlclose(h);
		modules_refresh();
		assert_false(module_is_loaded(module_find(pc)));
	}
	assert_in_range(module_count(), before, before + 2);
}

static void keeps_its_bound(void **state)
{
	const struct module *self = module_find((uintptr_t)keeps_its_bound);
	unsigned before = modules_dropped();
	static void *holes[MODULES_MAX + 20];

	(void)state;
	if (!have_compiler)
		skip();
	for (int i = 0; i < MODULES_MAX + 20; i++) {
		void *h = dlopen(i % 2 ? plugin_a : plugin_b, RTLD_NOW);

		assert_non_null(h);
		modules_refresh();
		dlclose(h);
		modules_refresh();
		/* in the hole it left, so that the next one lands elsewhere */
		holes[i] = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	for (int i = 0; i < MODULES_MAX + 20; i++)
		munmap(holes[i], 4096);
	assert_int_equal(module_count(), MODULES_MAX);
	assert_in_range(modules_dropped() - before, 20, 200);
	assert_null(module_get(MODULES_MAX));
	assert_ptr_equal(module_find((uintptr_t)keeps_its_bound), self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_all_in_link_order),
	    cmocka_unit_test(knows_the_special_ones),
	    cmocka_unit_test(gives_unwind_tables),
	    cmocka_unit_test(has_the_files_build_id),
	    cmocka_unit_test(learns_a_module_by_its_code),
	    cmocka_unit_test(marks_the_unloaded),
	    cmocka_unit_test(never_waits_for_a_loading_thread),
	    cmocka_unit_test(has_one_entry_for_a_plugin_that_comes_and_goes),
	    cmocka_unit_test(keeps_its_bound), /* last: the table is full then */
	};
	int failed;

	modules_init();
	have_compiler = plugin_build(plugin_a, "a", "cc", plugin_source) == 0 &&
			plugin_build(plugin_b, "b", "cc -O2", plugin_source) == 0;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	plugins_remove();
	return failed;
}
