/* SPDX-License-Identifier: MIT */
/*
 * Stacks from outside, through libdwfl: see dump_stacks.h. Reporter only, not signal-safe.
 */
#include "dump_stacks.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

#define DEPTH_MAX 256

struct walk {
	FILE *to;
	Dwfl *dwfl;
	pid_t pid; /* 0: a core */
	unsigned depth;
};

/* debuginfod is asked only if the user has set DEBUGINFOD_URLS: the library's own rule. */
static char *no_path;
static const Dwfl_Callbacks process_callbacks = {.find_elf = dwfl_linux_proc_find_elf,
						 .find_debuginfo = dwfl_standard_find_debuginfo,
						 .debuginfo_path = &no_path};
static const Dwfl_Callbacks core_callbacks = {.find_elf = dwfl_build_id_find_elf,
					      .find_debuginfo = dwfl_standard_find_debuginfo,
					      .debuginfo_path = &no_path};

static int say_frame(Dwfl_Frame *frame, void *arg)
{
	struct walk *w = arg;
	const char *name = NULL, *module = NULL, *file = NULL;
	Dwfl_Module *mod;
	Dwfl_Line *line;
	Dwarf_Addr pc, start = 0;
	bool activation;
	int number = 0;

	if (!dwfl_frame_pc(frame, &pc, &activation) || w->depth++ >= DEPTH_MAX)
		return DWARF_CB_ABORT;
	if (!activation)
		pc--; /* a return address: the call is before it */
	mod = dwfl_addrmodule(w->dwfl, pc);
	if (mod) {
		name = dwfl_module_addrname(mod, pc);
		module = dwfl_module_info(mod, NULL, &start, NULL, NULL, NULL, NULL, NULL);
		line = dwfl_module_getsrc(mod, pc);
		file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	}
	fprintf(w->to, "        %s", name ? name : "?");
	if (file)
		fprintf(w->to, "  %s:%d", file, number);
	else
		fprintf(w->to, "  %s+%#llx", module ? module : "?",
			(unsigned long long)(pc - start));
	fputc('\n', w->to);
	return DWARF_CB_OK;
}

static int say_thread(Dwfl_Thread *thread, void *arg)
{
	struct walk *w = arg;
	pid_t tid = dwfl_thread_tid(thread);
	char file[48], name[32] = "";

	snprintf(file, sizeof(file), "task/%d/comm", tid);
	if (w->pid)
		proc_line(w->pid, file, name, sizeof(name));
	fprintf(w->to, "thread (tid %d)", tid);
	if (*name)
		fprintf(w->to, " \"%s\", %c", name, proc_state(w->pid, tid));
	fputc('\n', w->to);
	w->depth = 0;
	if (dwfl_thread_getframes(thread, say_frame, w) == -1 && !w->depth)
		fprintf(w->to, "        (no stack: %s)\n", dwfl_errmsg(-1));
	return DWARF_CB_OK;
}

static int walk(struct walk *w, const char *what)
{
	if (dwfl_getthreads(w->dwfl, say_thread, w) == -1) {
		fprintf(stderr, "pitfall: %s: %s\n", what, dwfl_errmsg(-1));
		return -EIO;
	}
	return fflush(w->to) ? -EIO : 0;
}

int dump_stacks_of_process(pid_t pid, FILE *to)
{
	struct walk w = {.to = to, .pid = pid, .dwfl = dwfl_begin(&process_callbacks)};
	char what[32];
	int rc;

	snprintf(what, sizeof(what), "process %d", pid);
	if (!w.dwfl)
		return -ENOMEM;
	rc = dwfl_linux_proc_report(w.dwfl, pid);
	if (!rc && dwfl_report_end(w.dwfl, NULL, NULL))
		rc = EIO;
	if (!rc)
		rc = dwfl_linux_proc_attach(w.dwfl, pid, false);
	if (rc) {
		fprintf(stderr, "pitfall: %s: its stacks cannot be read: %s\n", what,
			rc > 0 ? strerror(rc) : dwfl_errmsg(-1));
		rc = -EIO;
	} else {
		fprintf(stderr,
			"pitfall: attached to %s: each thread is stopped while its stack is read\n",
			what);
		rc = walk(&w, what);
	}
	dwfl_end(w.dwfl);
	return rc;
}

bool dump_stacks_is_core(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	GElf_Ehdr eh;
	bool core = false;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	core = elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &eh) && eh.e_type == ET_CORE;
	elf_end(elf);
	close(fd);
	return core;
}

int dump_stacks_of_core(const char *path, FILE *to)
{
	struct walk w = {.to = to, .dwfl = dwfl_begin(&core_callbacks)};
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -EIO;
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;

	if (w.dwfl && elf && dwfl_core_file_report(w.dwfl, elf, NULL) >= 0 &&
	    !dwfl_report_end(w.dwfl, NULL, NULL) && dwfl_core_file_attach(w.dwfl, elf) >= 0)
		rc = walk(&w, path);
	else
		fprintf(stderr, "pitfall: %s: not a core that can be read: %s\n", path,
			dwfl_errmsg(-1));
	if (w.dwfl)
		dwfl_end(w.dwfl);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return rc;
}
