/* SPDX-License-Identifier: MIT */
/*
 * The table of loaded modules. Owns entries, path names, generation. See modules.h for who may call
 * what; look-ups are signal-safe, updates are made by one thread at a time with signals blocked.
 *
 * The loader's lock. glibc has two: _dl_load_lock is held through all of dlopen and dlclose, with
 * constructors and destructors of the program inside, and dl_iterate_phdr never takes it.
 * _dl_load_write_lock is what dl_iterate_phdr takes; glibc itself holds it only while it links or
 * unlinks list entries, calling nothing of the program. So a thread here can wait for a dlopen only
 * for those moments, whatever locks of the program either holds. What remains is a callback of the
 * program's own dl_iterate_phdr that waits for a lock which our caller holds; therefore
 * modules_refresh() belongs to places named in its header, and everything else (module_learn,
 * module_eh: each stack walk) asks _dl_find_object, which takes no lock. Where that does not exist
 * (before glibc 2.35), stack walks know the modules as of the last refresh.
 * Walking the link_map list by _r_debug was rejected: dlclose frees its nodes under the reader.
 *
 * update_busy is a try-lock: whoever finds it taken goes on without, so it has no rank and can't
 * take part in a deadlock. Its holder has signals blocked, except 32 and 33.
 */
#include "base/modules.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/elf_image.h"
#include "base/sys.h"

/* glibc's struct dl_find_object (2.35), spelled out: we also build with older headers. */
struct found_object {
	unsigned long long flags;
	void *map_start, *map_end;
	struct link_map *link_map;
	void *eh_frame_hdr;
	unsigned long long reserved[7];
};

static struct module modules[MODULES_MAX];
static _Atomic(unsigned) modules_n;
static _Atomic(uint32_t) generation = 1;
static _Atomic(unsigned) dropped;
static _Atomic(int) update_busy;

static char path_pool[48 * 1024];
static size_t path_used;
static unsigned long long seen_adds, seen_subs;
static bool initialised;

static _Atomic(uintptr_t) self_start, self_end, loader_start, loader_end;
static _Atomic(int) self_main;
typedef int find_object_fn(void *, struct found_object *);
static find_object_fn *find_object; /* NULL before glibc 2.35 */

/* ------------------------------------------------------------------ the update's guard */

static bool update_begin(uint64_t *mask)
{
	int idle = 0;

	sys_block_signals(mask);
	if (__atomic_compare_exchange_n((int *)&update_busy, &idle, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return true;
	sys_restore_signals(mask);
	return false;
}

static void update_end(const uint64_t *mask)
{
	__atomic_store_n((int *)&update_busy, 0, __ATOMIC_RELEASE);
	sys_restore_signals(mask);
}

void modules_fork_child(void)
{
	__atomic_store_n((int *)&update_busy, 0, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------ entries */

unsigned module_count(void)
{
	return __atomic_load_n((unsigned *)&modules_n, __ATOMIC_ACQUIRE);
}

const struct module *module_get(unsigned id)
{
	return id < module_count() ? &modules[id] : NULL;
}

uint32_t modules_generation(void)
{
	return __atomic_load_n((uint32_t *)&generation, __ATOMIC_ACQUIRE);
}

unsigned modules_dropped(void)
{
	return __atomic_load_n((unsigned *)&dropped, __ATOMIC_RELAXED);
}

/* Copies a name into the pool; what does not fit becomes "". The main program's name comes from the
 * kernel: the loader has "" there. */
static const char *path_keep(const char *name, bool is_main)
{
	char *to = path_pool + path_used;
	size_t room = sizeof(path_pool) - path_used, len;

	if (is_main || !name) {
		long n = room > 1
			     ? sys_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", to, room - 1)
			     : -1;

		len = n > 0 ? (size_t)n : 0;
	} else {
		len = strlen(name);
		if (len >= room)
			len = 0;
		else
			memcpy(to, name, len);
	}
	if (len == 0)
		return "";
	to[len] = '\0';
	path_used += len + 1;
	return to;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void module_note_role(const struct module *m, bool is_main)
{
	uintptr_t here = (uintptr_t)&modules_n;
	uintptr_t interp = getauxval(AT_BASE);

	if (here >= m->start && here < m->end) {
		__atomic_store_n((uintptr_t *)&self_end, m->end, __ATOMIC_RELAXED);
		__atomic_store_n((uintptr_t *)&self_start, m->start, __ATOMIC_RELEASE);
		__atomic_store_n((int *)&self_main, is_main, __ATOMIC_RELEASE);
	}
	/* AT_BASE is 0 if the program was started as an argument of ld.so */
	if (interp ? m->bias == interp : !strncmp(base_name(m->path), "ld-linux", 8)) {
		__atomic_store_n((uintptr_t *)&loader_end, m->end, __ATOMIC_RELAXED);
		__atomic_store_n((uintptr_t *)&loader_start, m->start, __ATOMIC_RELEASE);
	}
}

/* The caller holds the guard. Returns the new entry or NULL if the table is full. */
static struct module *module_append(const struct elf_image *img, const char *name, bool is_main)
{
	unsigned n = modules_n;
	struct module *m = &modules[n];

	if (n == MODULES_MAX) {
		__atomic_fetch_add((unsigned *)&dropped, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	m->id = n;
	m->gen_loaded = generation;
	m->bias = img->bias;
	m->start = img->start;
	m->end = img->end;
	m->text_start = img->text_start;
	m->text_end = img->text_end;
	m->eh_frame_hdr = img->eh_frame_hdr;
	m->build_id_len = img->build_id_len <= MODULE_BUILD_ID_MAX ? img->build_id_len : 0;
	memcpy(m->build_id, img->build_id, m->build_id_len);
	m->path = path_keep(name, is_main);
	module_note_role(m, is_main);
	__atomic_store_n((unsigned *)&modules_n, n + 1, __ATOMIC_RELEASE);
	return m;
}

/* The caller holds the guard. */
static void module_end(struct module *m)
{
	uint32_t next = generation + 1;

	__atomic_store_n((uint32_t *)&generation, next, __ATOMIC_RELEASE);
	__atomic_store_n((uint32_t *)&m->gen_unloaded, next, __ATOMIC_RELEASE);
}

static bool module_same(const struct module *m, const struct elf_image *img)
{
	return m->start == img->start && m->end == img->end && m->bias == img->bias &&
	       m->eh_frame_hdr == img->eh_frame_hdr &&
	       (img->build_id_len > MODULE_BUILD_ID_MAX ||
		(m->build_id_len == img->build_id_len &&
		 !memcmp(m->build_id, img->build_id, m->build_id_len)));
}

/* The same file, unloaded and now back where it was: a plugin that comes and goes doesn't fill the
 * table. Not if another was there since: then the newest entry of an address must be the last. */
static struct module *module_revive(const struct elf_image *img, const char *name)
{
	for (unsigned i = modules_n; i-- > 0;) {
		struct module *m = &modules[i];

		if (m->end <= img->start || m->start >= img->end)
			continue;
		if (!img->build_id_len || !module_same(m, img) || strcmp(m->path, name) != 0)
			return NULL;
		m->link_map = NULL;
		__atomic_store_n((uint32_t *)&m->gen_unloaded, 0, __ATOMIC_RELEASE);
		return m;
	}
	return NULL;
}

/* The entry of this image: the live one, or a new one; live entries that it overlaps are over.
 * The caller holds the guard. */
static struct module *module_enter(const struct elf_image *img, const char *name, bool is_main)
{
	struct module *m;

	for (unsigned i = modules_n; i-- > 0;) {
		m = &modules[i];
		if (!module_is_loaded(m) || m->end <= img->start || m->start >= img->end)
			continue;
		if (module_same(m, img))
			return m;
		module_end(m);
	}
	m = module_revive(img, name);
	return m ? m : module_append(img, name, is_main);
}

/* ------------------------------------------------------------------ from the loader's list */

struct refresh {
	bool first; /* no callback yet */
	bool whole; /* the list was compared, not just its counters */
	uint64_t seen[MODULES_MAX / 64];
};

static int refresh_one(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct refresh *r = arg;
	struct elf_image img;
	const struct module *m;
	bool is_main = r->first;
	bool counts = size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs);

	r->first = false;
	if (is_main && counts && module_count() > 0 && info->dlpi_adds == seen_adds &&
	    info->dlpi_subs == seen_subs)
		return 1;
	if (is_main && counts) {
		seen_adds = info->dlpi_adds;
		seen_subs = info->dlpi_subs;
	}
	r->whole = true;
	elf_image_read(&img, info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum);
	if (img.end == 0)
		return 0;
	m = module_enter(&img, info->dlpi_name, is_main);
	if (m)
		r->seen[m->id / 64] |= 1ull << (m->id % 64);
	return 0;
}

static bool object_at(uintptr_t pc, struct found_object *o)
{
	return find_object && find_object((void *)pc, o) == 0;
}

/* The loader's object is one segment of a module that has holes between its segments (node, images
 * aligned to 2 MiB), else the whole of it; so compare what belongs to the module. */
static bool module_is_object(const struct module *m, const struct found_object *o)
{
	return m->eh_frame_hdr == o->eh_frame_hdr && m->bias == o->link_map->l_addr &&
	       (!m->link_map || m->link_map == o->link_map);
}

/* Modules in other namespaces (dlmopen) are not in the list: ask for each that is missing. */
static void refresh_gone(const struct refresh *r)
{
	for (unsigned i = 0; i < modules_n; i++) {
		struct module *m = &modules[i];
		struct found_object o;

		if (!module_is_loaded(m) || (r->seen[i / 64] >> (i % 64) & 1))
			continue;
		if (m->text_end && object_at(m->text_start, &o) && module_is_object(m, &o))
			continue;
		module_end(m);
	}
}

/* In libc; glibc may move it to the loader, as it did with others. */
static void find_object_resolve(void)
{
	struct elf_image img;

	for (unsigned i = 0; i < modules_n && !find_object; i++) {
		const struct module *m = &modules[i];

		if ((module_is_loader(m->start) || !strncmp(base_name(m->path), "libc.so.", 8)) &&
		    elf_image_read_at(&img, m->start, m->bias) == 0)
			find_object = (find_object_fn *)elf_image_symbol(&img, "_dl_find_object");
	}
}

int modules_refresh(void)
{
	struct refresh r = {.first = true};
	uint64_t mask;

	if (!update_begin(&mask))
		return -EBUSY;
	dl_iterate_phdr(refresh_one, &r);
	if (r.whole)
		refresh_gone(&r);
	if (!initialised) {
		find_object_resolve();
		__atomic_store_n(&initialised, true, __ATOMIC_RELEASE);
	}
	update_end(&mask);
	return 0;
}

int modules_init(void)
{
	return __atomic_load_n(&initialised, __ATOMIC_ACQUIRE) ? 0 : modules_refresh();
}

/* ------------------------------------------------------------------ look-ups */

static const struct module *live_at(uintptr_t addr)
{
	for (unsigned i = module_count(); i-- > 0;) {
		const struct module *m = &modules[i];

		if (addr - m->start < m->end - m->start && module_is_loaded(m))
			return m;
	}
	return NULL;
}

static const struct module *newest_at(uintptr_t addr)
{
	for (unsigned i = module_count(); i-- > 0;)
		if (addr - modules[i].start < modules[i].end - modules[i].start)
			return &modules[i];
	return NULL;
}

const struct module *module_find(uintptr_t addr)
{
	const struct module *m = live_at(addr);

	return m ? m : newest_at(addr);
}

static bool image_is_object(const struct elf_image *img, const struct found_object *o)
{
	return img->eh_frame_hdr == o->eh_frame_hdr && img->start <= (uintptr_t)o->map_start &&
	       img->end > (uintptr_t)o->map_start;
}

/* The module's ELF header is where its first segment begins: here, or, of a shared object, at its
 * bias. The object holds code on our stack: nothing of it can go meanwhile. */
static bool object_image(const struct found_object *o, struct elf_image *img)
{
	uintptr_t bias = o->link_map->l_addr;

	if (elf_image_read_at(img, (uintptr_t)o->map_start, bias) == 0)
		return image_is_object(img, o);
	return bias && sys_call(SYS_rt_sigprocmask, -1, bias, 0, 8) != -EFAULT &&
	       elf_image_read_at(img, bias, bias) == 0 && image_is_object(img, o);
}

static const struct module *module_enter_object(const struct found_object *o)
{
	struct elf_image img;
	struct module *m = NULL;
	uint64_t mask;

	if (!__atomic_load_n(&initialised, __ATOMIC_ACQUIRE) || !update_begin(&mask))
		return NULL;
	if (object_image(o, &img))
		m = module_enter(&img, o->link_map->l_name, false);
	if (m && !m->link_map)
		m->link_map = o->link_map;
	update_end(&mask);
	return m;
}

const struct module *module_learn(uintptr_t pc)
{
	const struct module *m;
	struct found_object o;

	modules_init(); /* a constructor may walk before ours has run */
	m = live_at(pc);
	if (!object_at(pc, &o) || (m && module_is_object(m, &o)))
		return m;
	return module_enter_object(&o);
}

/* Without _dl_find_object a module may have gone unseen: its table is probed before use. */
static bool eh_from_table(uintptr_t pc, struct module_eh *out)
{
	const struct module *m = live_at(pc);

	if (!m || !m->eh_frame_hdr)
		return false;
	if (sys_call(SYS_rt_sigprocmask, -1, (uintptr_t)m->eh_frame_hdr & ~7ul, 0, 8) == -EFAULT)
		return false;
	*out = (struct module_eh){m->eh_frame_hdr, m->start, m->end};
	return true;
}

bool module_eh(uintptr_t pc, struct module_eh *out)
{
	struct found_object o;
	struct elf_image img;
	const struct module *m;

	if (!find_object)
		return eh_from_table(pc, out);
	if (!object_at(pc, &o))
		return false;
	*out = (struct module_eh){o.eh_frame_hdr, (uintptr_t)o.map_start, (uintptr_t)o.map_end};
	if ((uintptr_t)out->hdr >= out->start && (uintptr_t)out->hdr < out->end)
		return true;
	m = live_at(pc);
	if (m && module_is_object(m, &o)) {
		out->start = m->start, out->end = m->end;
		return true;
	}
	if (!out->hdr || !object_image(&o, &img))
		return false;
	out->start = img.start, out->end = img.end;
	return true;
}

bool module_is_self(uintptr_t addr)
{
	uintptr_t start = __atomic_load_n((uintptr_t *)&self_start, __ATOMIC_ACQUIRE);

	return addr - start < __atomic_load_n((uintptr_t *)&self_end, __ATOMIC_RELAXED) - start;
}

bool module_is_loader(uintptr_t addr)
{
	uintptr_t start = __atomic_load_n((uintptr_t *)&loader_start, __ATOMIC_ACQUIRE);

	return addr - start < __atomic_load_n((uintptr_t *)&loader_end, __ATOMIC_RELAXED) - start;
}

bool module_self_is_main(void)
{
	return __atomic_load_n((int *)&self_main, __ATOMIC_ACQUIRE) != 0;
}
