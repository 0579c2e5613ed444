/* SPDX-License-Identifier: MIT */
/*
 * What a rule sees and says. One rule = one file here + one row in rules.def;
 *docs/writing-a-rule.md builds one.
 *
 * A rule reads the model and makes diagnoses:
 *	struct diagnosis *d = diag_new(out, SEV_WARNING, CONF_CERTAIN);
 *	diag_title(d, "…"); diag_what(d, "…"); diag_why(d, "…"); diag_fix(d, "…");
 *	diag_object(…); diag_thread(…); diag_evidence(…);
 *	diag_role(d, stack);		 the places that make this fault the same fault in another
 *run diag_about(d, ABOUT_SYNC, serial); what it speaks about, for "who explains whom"
 *(explains.def) Diagnoses of one rule with the same roles are merged, counts added. diag_new()
 *returns NULL when memory is out or the rule has said too much (MAX_DIAGS); all builders accept
 *NULL. Not signal-safe, no state of its own.
 */
#ifndef REPORTER_RULE_H
#define REPORTER_RULE_H

#include "model.h"
#include "report.h"

enum { IN_AUDIT = 1, IN_DIAGNOSE = 2, IN_BOTH = 3 };

struct rule_text { /* what `pitfall explain` says, in plain words */
	const char *means, *evidence, *silent, *fix, *example;
};

struct findings;
typedef void rule_fn(const struct model_process *p, struct findings *out);

struct rule {
	const char *id;
	int pitfall; /* catalogue number, 0 generic */
	enum family family;
	enum severity severity; /* usual one */
	unsigned modes;		/* IN_* */
	const char *summary;
	rule_fn *run;
	const struct rule_text *text;
};
extern const struct rule rules[];
extern const unsigned nrules;
const struct rule *rule_find(const char *id_or_number);

#define RULE(sym, id, pitfall, family, severity, modes, summary)                                   \
	rule_fn rule_##sym;                                                                        \
	extern const struct rule_text text_##sym;
#include "rules.def"
#undef RULE

/* ---- builders ----------------------------------------------------------------------------------
 */
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

struct diagnosis *diag_new(struct findings *out, enum severity s, enum confidence c);
void PRINTF(2, 3) diag_title(struct diagnosis *d, const char *fmt, ...);
void PRINTF(2, 3) diag_what(struct diagnosis *d, const char *fmt, ...);
void PRINTF(2, 3) diag_why(struct diagnosis *d, const char *fmt, ...);
void PRINTF(2, 3) diag_fix(struct diagnosis *d, const char *fmt, ...);
void diag_count(struct diagnosis *d, u64 count); /* 1 unless said */

/* Objects with kind, name and birth stack taken from their rows. Repeated ones are kept once. */
void diag_sync(struct diagnosis *d, u32 serial, u64 addr);
void diag_fd(struct diagnosis *d, const struct st_fd *fd);
void diag_timer(struct diagnosis *d, const struct st_timer *t);
void PRINTF(5, 6)
    diag_object(struct diagnosis *d, const char *kind, u64 id, u32 created, const char *name, ...);
void diag_thread(struct diagnosis *d, u32 serial);
/* T 0: undated. */
void PRINTF(5, 6)
    diag_evidence(struct diagnosis *d, u64 t, u32 thread, u32 stack, const char *what, ...);
/* The same for a bare return address. */
void PRINTF(5, 6)
    diag_evidence_pc(struct diagnosis *d, u64 t, u32 thread, u64 pc, const char *what, ...);

/* Fingerprint: first program frames of the stack. diag_role_cycle() are the members of a ring:
 * their order is kept, where it starts doesn't matter. */
void diag_role(struct diagnosis *d, u32 stack);
void diag_role_word(struct diagnosis *d, const char *word);
void diag_role_cycle(struct diagnosis *d, u32 stack_a, u32 stack_b);

enum about { ABOUT_THREAD, ABOUT_SYNC, ABOUT_FD, ABOUT_TIMER, ABOUT_SITE };
/* A diagnosis falls silent when, for some kind, all it speaks about is spoken about by rules that
 * explain it. */
void diag_about(struct diagnosis *d, enum about kind, u64 id);

/* ---- words -------------------------------------------------------------------------------------
 */
/* Into one of a few rotating buffers, good for one diagnosis: use at once in a printf. */
const char *say_place(const struct model_process *p,
		      u32 stack);	      /* "serve (server.c:61)", or "libx.so+0x12" */
const char *say_frame(const struct frame *f); /* the same of one frame; NULL: unknown */
const char *say_thread(const struct model_process *p,
		       u32 serial); /* "thread 3 'worker'", "the main thread" */
const char *say_sync(const struct model_process *p, u32 serial,
		     u64 addr); /* "mutex made in cache_new (cache.c:10)" */
const char *say_fd(const struct model_process *p, int fd, u32 kind); /* "socket 7" */
const char *say_times(u64 n);					     /* "once", "12 times" */
const char *say_time(u64 ns);					     /* "12.5 ms" */

#endif
