/* SPDX-License-Identifier: MIT */
/*
 * Calls every row of preload/real/symbols.def and proves for each that our wrapper was entered: the
 * program's own reference to the name must lead into libpitfall.so, and a breakpoint on the
 * wrapper's first instruction must be hit while the row's line runs; the line's call must come out
 * as without us. A row without a line, or a line without a row, fails. TAP output.
 *
 * The lines lie in verify_wrap/FAMILY.def: V(name, expression that calls it and is true if all went
 * as it should). Each runs in a child of its own: it may change what it likes, and has ten seconds.
 * To be run with LD_PRELOAD=libpitfall.so.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "real/decl.h"
#include "verify_wrap/help.h"

/* Weak: what today's libc offers to no new program (old versions) is bound to ours at run time
 * nevertheless. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define SYM(name, version) extern __typeof__(name) name __attribute__((weak));
#include "real/symbols.def"
#undef SYM

static const struct row {
	const char *name;
	const void *bound;
} rows[] = {
#define SYM(name, version) {#name, (const void *)name},
#include "real/symbols.def"
#undef SYM
};

static volatile unsigned *entered; /* shared with the children of the line */
static const void *main_caller;

static bool is_ours(const void *p)
{
	Dl_info i;

	return p && dladdr(p, &i) && i.dli_fname && strstr(i.dli_fname, "libpitfall.so");
}

#define V(name, ...)                                                                               \
	static bool line_##name(void)                                                              \
	{                                                                                          \
		return (__VA_ARGS__);                                                              \
	}
#include "verify_wrap/lines.h"
#undef V

static const struct line {
	const char *name;
	bool (*run)(void);
} lines[] = {
#define V(name, ...) {#name, line_##name},
#include "verify_wrap/lines.h"
#undef V
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), LINES = sizeof(lines) / sizeof(lines[0]) };
enum { CAME_OUT = 1, ENTERED = 2 };

/* ---- the breakpoint
 * ------------------------------------------------------------------------------------------------------
 */

#if defined(__x86_64__)
static unsigned char *at, was;

/* Writable only meanwhile: taking the permission away makes sure that the changed byte is what is
 * executed. */
static bool patch(unsigned char byte)
{
	uintptr_t page = (uintptr_t)at & ~4095ul;

	if (raw(SYS_mprotect, (long)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, 0) < 0)
		return false;
	*(volatile unsigned char *)at = byte;
	return raw(SYS_mprotect, (long)page, 4096, PROT_READ | PROT_EXEC, 0) == 0;
}

static void hit(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)sig, (void)info;
	if ((unsigned char *)u->uc_mcontext.gregs[REG_RIP] == at + 1 || *at == was) {
		patch(was);
		u->uc_mcontext.gregs[REG_RIP] = (greg_t)at;
		__atomic_fetch_add(entered, 1, __ATOMIC_RELAXED);
	}
}

static bool arm(const void *wrapper)
{
	struct sigaction act = {.sa_sigaction = hit, .sa_flags = SA_SIGINFO | SA_NODEFER};

	at = (unsigned char *)(uintptr_t)wrapper;
	was = *at;
	return sigaction(SIGTRAP, &act, NULL) == 0 && patch(0xcc);
}
#else
static bool arm(const void *wrapper)
{
	(void)wrapper;
	*entered = 1; /* port: the binding has to do */
	return true;
}
#endif

/* ---- one row
 * -----------------------------------------------------------------------------------------------------------------
 */

static const struct line *line_of(const char *name)
{
	for (unsigned i = 0; i < LINES; i++)
		if (strcmp(lines[i].name, name) == 0)
			return &lines[i];
	return NULL;
}

static bool is_row(const char *name)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

/* Raw calls on both sides: nothing here may go through what is being looked at. */
static int run_line(const struct line *l, const void *wrapper)
{
	int status = 0;
	long pid, r;

	*entered = 0;
	pid = raw(SYS_fork, 0, 0, 0, 0);
	if (pid == 0) {
		bool ok;

		raw(SYS_alarm, 10, 0, 0, 0);
		setup_line();
		if (!arm(wrapper))
			raw(SYS_exit_group, 0, 0, 0, 0);
		ok = l->run();
		raw(SYS_exit_group, ok ? CAME_OUT : 0, 0, 0, 0);
	}
	do
		r = raw(SYS_wait4, pid, (long)&status, 0, 0);
	while (r == -EINTR);
	if (!WIFEXITED(status)) {
		printf("# %s: ended by signal %d\n", l->name, WTERMSIG(status));
		return *entered ? ENTERED : 0;
	}
	return WEXITSTATUS(status) | (*entered ? ENTERED : 0);
}

static int tests, failures;

static void result(bool ok, const char *name, const char *why)
{
	failures += !ok;
	printf("%sok %d %s%s%s\n", ok ? "" : "not ", ++tests, name, ok ? "" : ": ", ok ? "" : why);
	fflush(stdout);
}

static void verify(const struct row *r)
{
	const struct line *l = line_of(r->name);
	int came;

	if (!l)
		return result(false, r->name, "no line in verify_wrap/*.def calls it");
	if (!is_ours(r->bound) || dlsym(RTLD_DEFAULT, r->name) != r->bound)
		return result(false, r->name, "the program is not bound to libpitfall.so's");
	came = run_line(l, r->bound);
	result(came == (CAME_OUT | ENTERED), r->name,
	       came & ENTERED ? "did not come out as it should" : "the wrapper was not entered");
}

int main(int argc, char **argv)
{
	main_caller = __builtin_return_address(0);
	entered = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	printf("1..%d\n", argc > 1 ? argc - 1 : (int)ROWS + 1);
	for (unsigned i = 0; i < ROWS; i++)
		for (int a = 1; a < (argc > 1 ? argc : 2); a++)
			if (argc < 2 || strcmp(argv[a], rows[i].name) == 0)
				verify(&rows[i]);
	if (argc < 2) {
		bool all = true;

		for (unsigned i = 0; i < LINES; i++)
			if (!is_row(lines[i].name)) {
				printf("# %s has a line, but is no row of symbols.def\n",
				       lines[i].name);
				all = false;
			}
		result(all, "every line belongs to a row", "see above");
	}
	return failures != 0;
}
