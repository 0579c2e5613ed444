/* SPDX-License-Identifier: MIT */
/*
 * The model: what is known of one observed process, as the rules see it.
 *
 * A rule needs this header and rules/rule.h, nothing else. Rows are the structs of trace_schema.h
 * as the process left them (a thread that was never joined is a row of `thread` without TF_JOINED,
 * …); the helpers below find rows by number, name things and turn stack ids into frames.
 *
 * Owns: everything in struct model_process, arrays of frames included, until process_free(). The
 * strings in frames live as long as the program (symbols.c keeps one cache for all processes).
 * Facts that hold for every loaded process: no pointer field is NULL unless said; tables may hold
 * free rows (first field 0; FOR_EACH_ROW skips them); any serial, stack id or site in a row may
 * dangle (the look-ups then return NULL).
 */
#ifndef REPORTER_MODEL_H
#define REPORTER_MODEL_H

#include <stdbool.h>
#include <jansson.h>
#include "trace_schema.h"

/* ---- frames ------------------------------------------------------------------------------------
 */
struct frame {
	const char *function; /* demangled; NULL unknown */
	const char *file;     /* source path as the compiler knew it; NULL unknown */
	int line;	      /* 0 unknown */
	const char *module;   /* path; NULL: the address lies in no known module */
	const char *build_id; /* of the module, hex; NULL unknown */
	u64 offset; /* of the call in the module (ELF address), or the raw address without one */
	u64 begin;  /* without a name: where the function begins by the unwind tables, 0 unknown */
	bool inlined; /* inlined into the next frame */
	bool program; /* the program's or one of its libraries' own code: not libc, libstdc++,
			 ld.so, headers of std:: */
};
struct frames { /* innermost first: f[0] called the wrapped function */
	u32 n;
	const struct frame *f;
};

/* ---- the parts of a process --------------------------------------------------------------------
 */
struct model_module {
	u32 id;
	u64 bias, start, end;
	char *path, *build_id; /* "" unknown */
	bool unloaded;
};

struct model_stack { /* a stack that came as a line; those of the state file are in tables stack and
			frame */
	u32 id, n;
	u64 *pc;	     /* NULL if the line gave frames */
	struct frame *given; /* hand-written: "frames":["serve at server.c:61 in app", …] */
};

/* A line of NAME.jsonl that is neither process, module, stack nor a table row: kept as it came. */
struct model_event {
	const char *ev;	  /* its name, one of TRACE_EVENTS */
	u64 order, t;	  /* "n", "t" */
	u32 thread;	  /* "th" */
	const json_t *js; /* the whole object, owned by the process */
	unsigned line;	  /* in the file */
};

struct model_note { /* what could not be seen or kept */
	char *what, *why;
	u64 count;
};

enum ended { ENDED_EXIT, ENDED_SIGNAL, ENDED_KILLED, ENDED_EXEC, ENDED_RUNNING };

struct process_facts { /* what outlives the model in the report */
	int pid, ppid;
	char *program; /* path */
	char *comm;
	char **argv; /* NULL-terminated; NULL: not kept */
	char *host, *boot_id;
	char *mode;	  /* "audit" or "diagnose" */
	char *trace;	  /* the file it was read from */
	u64 started;	  /* CLOCK_MONOTONIC ns */
	u64 started_real; /* CLOCK_REALTIME ns at that moment, 0 unknown */
	u64 ended_at;	  /* last thing known to have happened, ns */
	enum ended ended;
	bool has_status;
	int status;    /* exit status or signal number */
	bool observed; /* false: `why_unobserved` */
	char *why_unobserved;
	struct model_note *blind; /* what = rule or area, why */
	u32 nblind;
	struct model_note *dropped; /* what = table or "lines" */
	u32 ndropped;
	u64 dropped_events; /* sum of dropped counts */
	u64 torn_lines;	    /* lines under way when the process died */
};

#define MODEL_TABLE(name, doc)                                                                     \
	struct {                                                                                   \
		struct st_##name *row;                                                             \
		u32 n, cap;                                                                        \
	} name;

struct model_process {
	struct process_facts facts;
	struct st_header head; /* all 0 in a trace without .state; pid, nofile, sigpending also come
				  from the process line */
	bool has_state;
	TRACE_RECORDS(MODEL_TABLE) /* p->thread.row[i], i < p->thread.n; p->fd: find by number with
				      process_fd() */
	struct model_module *module;
	u32 nmodules, cap_modules;
	struct model_event *event; /* in file order */
	u32 nevents, cap_events;
	struct model_stack *stacks;
	u32 nstacks, cap_stacks;
	struct model_index *index; /* private to model.c */
};

/* Every used row: FOR_EACH_ROW(p, thread, t) … with struct st_thread *t. */
#define FOR_EACH_ROW(p, table, r)                                                                  \
	for (struct st_##table *r = (p)->table.row, *r##_end = r ? r + (p)->table.n : r;           \
	     r < r##_end; r++)                                                                     \
		if (*(const u32 *)(const void *)r == 0) {                                          \
		} else

/* Every event named NAME. */
#define FOR_EACH_EVENT(p, name, e)                                                                 \
	for (const struct model_event *e = (p)->event, *e##_end = e ? e + (p)->nevents : e;        \
	     e < e##_end; e++)                                                                     \
		if (!event_is(e, name)) {                                                          \
		} else

/* ---- life of a process (reader.c fills it) ------------------------------------------------------
 */
struct model_process *process_new(void);
void process_free(struct model_process *p);
/* After the last row and event: builds the look-ups. */
int process_finish(struct model_process *p);
void facts_free(struct process_facts *f); /* what it holds, not F itself */

/* ---- look-ups: NULL if there is none -----------------------------------------------------------
 */
const struct st_thread *process_thread(const struct model_process *p, u32 serial);
/* Who called exit(), perhaps from a handler that broke into its wait; 0: nobody that was seen. */
u32 process_ender(const struct model_process *p);
const struct st_live *process_live(const struct model_process *p, u32 thread_serial);
const struct st_sync *process_sync(const struct model_process *p, u32 serial);
const struct st_sync *process_sync_at(const struct model_process *p,
				      u64 addr); /* the living one there */
const struct st_fd *process_fd(const struct model_process *p, int num);
const struct st_timer *process_timer(const struct model_process *p, u32 serial);
/* The birth site a row refers to; STACK and KIND check the reference and find it if it dangles. */
const struct st_site *process_site(const struct model_process *p, enum site_kind kind, u32 ref,
				   u32 stack);

/* A stack of the state file, or NULL. */
const struct st_stack *process_stack_row(const struct model_process *p, u32 id);
/* Frames of a stack id; never NULL, n = 0 if unknown. Tool, thread-start and _start frames are
 * removed. */
const struct frames *process_frames(const struct model_process *p, u32 stack);
/* Frames of one return address (a wait_pc or a held pc). */
const struct frames *process_frames_pc(const struct model_process *p, u64 pc);
/* Name of the function that starts at ADDR (a thread's start routine), or NULL. */
const char *process_function_at(const struct model_process *p, u64 addr);
/* Name of the variable ADDR lies in, if it is a static one with a symbol, or NULL. */
const char *process_variable_at(const struct model_process *p, u64 addr);
/* The call came out of one of the system's libraries (libc and libstdc++ apart), not out of the
 * program's own code. */
bool frames_of_library(const struct model_process *p, const struct frames *f);
/* First frame of the program's own code, else the innermost one; NULL if unknown. */
const struct frame *frames_program(const struct frames *f);

/* ---- names and judgements ----------------------------------------------------------------------
 */
const char *call_name(u32 call);	    /* "recv"; "none" for 0, "?" out of range */
enum trace_call_class call_class(u32 call); /* what the call waits for */
const char *sync_kind_name(u32 kind);
const char *fd_kind_name(u32 kind);
const char *timer_kind_name(u32 kind);
const char *held_mode_name(u32 mode);
/* The other way round, for hand-written rows ("call":"recv"): 0 if unknown. */
u32 number_named(enum trace_table table, const char *field, const char *name);
bool event_is(const struct model_event *e, const char *name);
u64 event_int(const struct model_event *e, const char *key);	     /* 0 if missing */
const char *event_str(const struct model_event *e, const char *key); /* "" if missing */
u64 json_u64(const json_t *v); /* 0 for NULL or anything that is no number */

/* The end was the program's own choice: what still lives then can be judged. Not after a kill, a
 * crash, an exec, nor while it runs: there only growth counts. */
bool process_ended_on_purpose(const struct model_process *p);
/* ns from the process's start to its end, or to the last thing known of it. */
u64 process_run_ns(const struct model_process *p);

#endif
