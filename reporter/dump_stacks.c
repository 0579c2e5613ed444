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
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

#define DEPTH_MAX 256

struct walk {
	FILE *to;
	Dwfl *dwfl;
	pid_t pid; /* 0: a core */
	unsigned depth;
	json_t *threads; /* NULL: text */
	json_t *stack;	 /* of the present thread */
};

struct place {
	const char *function, *file, *module;
	int line;
	unsigned long long offset; /* in the module */
};

/* debuginfod is asked only if the user has set DEBUGINFOD_URLS: the library's own rule. */
static char *no_path;
static const Dwfl_Callbacks process_callbacks = {.find_elf = dwfl_linux_proc_find_elf,
						 .find_debuginfo = dwfl_standard_find_debuginfo,
						 .debuginfo_path = &no_path};
static const Dwfl_Callbacks core_callbacks = {.find_elf = dwfl_build_id_find_elf,
					      .find_debuginfo = dwfl_standard_find_debuginfo,
					      .debuginfo_path = &no_path};

static void find_place(Dwfl *dwfl, Dwarf_Addr pc, struct place *p)
{
	Dwfl_Module *mod = dwfl_addrmodule(dwfl, pc);
	Dwarf_Addr start = 0;
	Dwfl_Line *line;

	*p = (struct place){.offset = pc};
	if (!mod)
		return;
	p->function = dwfl_module_addrname(mod, pc);
	p->module = dwfl_module_info(mod, NULL, &start, NULL, NULL, NULL, NULL, NULL);
	p->offset = pc - start;
	line = dwfl_module_getsrc(mod, pc);
	p->file = line ? dwfl_lineinfo(line, NULL, &p->line, NULL, NULL, NULL) : NULL;
}

static void say_place(struct walk *w, const struct place *p)
{
	fprintf(w->to, "        %s", p->function ? p->function : "?");
	if (p->file)
		fprintf(w->to, "  %s:%d\n", p->file, p->line);
	else
		fprintf(w->to, "  %s+%#llx\n", p->module ? p->module : "?", p->offset);
}

static int say_frame(Dwfl_Frame *frame, void *arg)
{
	struct walk *w = arg;
	struct place p;
	Dwarf_Addr pc;
	bool activation;

	if (!dwfl_frame_pc(frame, &pc, &activation) || w->depth++ >= DEPTH_MAX)
		return DWARF_CB_ABORT;
	find_place(w->dwfl, activation ? pc : pc - 1,
		   &p); /* a call lies before its return address */
	if (!w->threads)
		say_place(w, &p);
	else
		json_array_append_new(
		    w->stack,
		    json_pack("{s:s?, s:s?, s:o, s:s?, s:I}", "function", p.function, "file",
			      p.file, "line", p.file ? json_integer(p.line) : json_null(), "module",
			      p.module, "offset", (json_int_t)p.offset));
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
	w->depth = 0;
	if (w->threads) {
		w->stack = json_array();
		json_array_append_new(w->threads,
				      json_pack("{s:n, s:i, s:s?, s:o}", "serial", "tid", tid,
						"name", *name ? name : NULL, "stack", w->stack));
	} else {
		fprintf(w->to, "thread (tid %d)", tid);
		if (*name)
			fprintf(w->to, " \"%s\"", name);
		fputc('\n', w->to);
	}
	if (dwfl_thread_getframes(thread, say_frame, w) == -1 && !w->depth && !w->threads)
		fprintf(w->to, "        (no stack: %s)\n", dwfl_errmsg(-1));
	return DWARF_CB_OK;
}

static int walk(struct walk *w, const char *what)
{
	if (dwfl_getthreads(w->dwfl, say_thread, w) == -1) {
		fprintf(stderr, "pitfall: %s: %s\n", what, dwfl_errmsg(-1));
		return -EIO;
	}
	if (w->threads) {
		json_t *all = json_pack("{s:s, s:n, s:b, s:O}", "schema", "pitfall-dump/1",
					"process", "alive", w->pid != 0, "threads", w->threads);

		json_dumpf(all, w->to, JSON_INDENT(2));
		fputc('\n', w->to);
		json_decref(all);
	}
	return fflush(w->to) ? -EIO : 0;
}

int dump_stacks_of_process(pid_t pid, bool json, FILE *to)
{
	struct walk w = {.to = to,
			 .pid = pid,
			 .dwfl = dwfl_begin(&process_callbacks),
			 .threads = json ? json_array() : NULL};
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
	json_decref(w.threads);
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

int dump_stacks_of_core(const char *path, bool json, FILE *to)
{
	struct walk w = {
	    .to = to, .dwfl = dwfl_begin(&core_callbacks), .threads = json ? json_array() : NULL};
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -EIO;
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;

	if (w.dwfl && elf && dwfl_core_file_report(w.dwfl, elf, NULL) >= 0 &&
	    !dwfl_report_end(w.dwfl, NULL, NULL) && dwfl_core_file_attach(w.dwfl, elf) >= 0)
		rc = walk(&w, path);
	else
		fprintf(stderr,
			"pitfall: %s: a damaged or truncated core: its threads cannot be read\n",
			path);
	if (w.dwfl)
		dwfl_end(w.dwfl);
	json_decref(w.threads);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return rc;
}
