/* SPDX-License-Identifier: MIT */
/*
 * The table of loaded modules: which file an address belongs to, and where its unwind tables are.
 * Owns: the entries, their ids, the generation that ends when a module is unloaded.
 * Doesn't: read symbols or debug information (the reporter does), follow dlopen (see
 * modules_refresh). Called from everywhere. All look-ups are lock-free and async-signal-safe and
 * call no libc function that locks; modules_init() and modules_refresh() call dl_iterate_phdr() and
 * say below when they may.
 *
 * Entries are append-only: an id, once given, means the same module until the process ends, so that
 * addresses of a module that was unloaded still resolve in traces written later.
 */
#ifndef PITFALL_BASE_MODULES_H
#define PITFALL_BASE_MODULES_H

#include <stdbool.h>
#include <stdint.h>

#define MODULES_MAX	    512 /* later ones are not entered, their addresses stay unresolved */
#define MODULE_BUILD_ID_MAX 32

/*
 * Invariants: constant once visible through module_count(), but for gen_unloaded, which goes from 0
 * to a generation, and back if the same file (path, build-id) is loaded at the same place again;
 * and link_map. Of the entries that overlap at an address, the newest is the one that was there
 * last. text_start..text_end lies in start..end. Live entries do not overlap.
 */
struct module {
	uint32_t id;	     /* index in the table: link order first, then order of discovery */
	uint32_t gen_loaded; /* generation in which it was entered */
	_Atomic(uint32_t) gen_unloaded; /* 0 while loaded, else the generation that began then */
	uintptr_t bias;			/* run-time address minus link-time address (l_addr) */
	uintptr_t start, end;		/* all PT_LOAD segments, [start, end): code and data */
	uintptr_t text_start, text_end; /* the executable ones; both 0 if there are none */
	const uint8_t *eh_frame_hdr;	/* NULL without PT_GNU_EH_FRAME; gone when unloaded */
	const void *link_map;		/* identity only, never read through; NULL if not known */
	const char *path;     /* never NULL; "" if not known. "linux-vdso.so.1" for the vdso */
	uint8_t build_id_len; /* 0 without a build-id note */
	uint8_t build_id[MODULE_BUILD_ID_MAX];
};

/* Where the unwind table for one program counter is; the module's extent bounds all reads of it. */
struct module_eh {
	const uint8_t *hdr; /* .eh_frame_hdr or NULL */
	uintptr_t start, end;
};

/*
 * Fills the table. Idempotent; the first call should come from the constructor or the first
 * wrapper, before the program has threads; a stack walk before that makes it. Returns 0, or -EBUSY
 * inside another call of itself.
 */
int modules_init(void);

/*
 * Compares the table with the loader's list: enters new modules, marks those that went. Costs about
 * 0.5 µs (the signal mask, twice) when the loader's adds/subs counters stand still. Returns 0 (up
 * to date), or -EBUSY (another thread, or the frame this signal handler interrupted, is at it: its
 * result will do).
 *
 * Call it where the program itself is at a call that takes the loader's lock or could wait for
 * others anyhow: after dlclose(), at a thread's birth, at a snapshot, at the end. Not from wrappers
 * of signal-safe calls, not in a fork's child before exec, not with an internal lock held.
 * It cannot deadlock with dlopen/dlclose: see "The loader's lock" in modules.c.
 */
int modules_refresh(void);

/* In a fork's child: forget an update that another thread was making at the moment of the fork. */
void modules_fork_child(void);

/* Number of entries so far, unloaded ones included. Ids run from 0 to module_count() - 1. */
unsigned module_count(void);
/* NULL if id is not below module_count(). */
const struct module *module_get(unsigned id);
/*
 * The module that holds an address of code or data: a loaded one, else the one that was unloaded
 * there last, else NULL. Only looks into the table. 10–100 ns.
 */
const struct module *module_find(uintptr_t addr);
/*
 * The same for an address known to be live code (on some thread's stack now): asks the loader first
 * (_dl_find_object, lock-free, glibc 2.35 and later), and enters a module that is not in the table.
 * Async-signal-safe. Two or four system calls (signal mask) when there is something to enter.
 */
const struct module *module_learn(uintptr_t pc);
/* For the walker: the unwind table for live code. False if no module holds pc. Signal-safe. */
bool module_eh(uintptr_t pc, struct module_eh *out);

/* Whether addr lies in the module this code is linked into / in the dynamic loader. Signal-safe. */
bool module_is_self(uintptr_t addr);
bool module_is_loader(uintptr_t addr);
/* Whether this code is part of the main program: only in unit tests. */
bool module_self_is_main(void);

static inline bool module_is_loaded(const struct module *m)
{
	return __atomic_load_n((const uint32_t *)&m->gen_unloaded, __ATOMIC_ACQUIRE) == 0;
}

/* Starts at 1, grows by one whenever modules were found to be gone. What was derived from module
 * memory in an older generation must not be used. */
uint32_t modules_generation(void);
/* How often a module found no room in the table. */
unsigned modules_dropped(void);

#endif
