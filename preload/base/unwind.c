/* SPDX-License-Identifier: MIT */
/*
 * The stack walker and its cache of frame rules. See unwind.h for the contract.
 *
 * A frame's rule, for nearly all code, is: CFA = sp or fp + constant, return address at CFA - 8,
 * the caller's fp saved at a constant distance or untouched. That fits in 8 bytes, and is cached.
 * The rest (signal trampolines, CFA in other registers, expressions) is computed from the tables
 * each time (step_full). The quick steps follow sp, fp and pc alone; when a frame needs a register
 * they lost, the walk starts anew with full steps only.
 */
#include "base/unwind.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cfi.h"
#include "base/modules.h"
#include "base/unwind_arch.h"
#include "base/unwind_step.h"

/* ------------------------------------------------------------------ rules and their cache */

/*
 * Packed rule: bits 0-1 kind of CFA, bit 2 the return address is undefined, 16-31 where the
 * caller's fp is saved: 0 untouched, FP_AT_FP at fp itself, else at CFA - 8 * this; 32-63 offset of
 * the CFA.
 */
enum rule_kind { RULE_SP, RULE_FP, RULE_FP_DEREF /* CFA = *(fp + offset) */, RULE_SPECIAL };
#define RULE_OUTERMOST (RULE_SPECIAL | 4u)
#define RULE_NO_TABLE  (RULE_SPECIAL | 8u)
#define RULE_UNKNOWN   (RULE_SPECIAL | 16u) /* tables we don't understand */
#define FP_AT_FP       0xffffu

/*
 * An entry is written without a lock: its check is the key mixed with the rule, so that halves of
 * two different writes match no key. The index is the low bits of pc as they are: hashing costs
 * cycles in the one chain of dependent loads that a walk is. A second try in the neighbouring
 * entry, in the same cache line.
 */
struct entry {
	_Atomic(uint64_t) rule, check;
};
#define CACHE_SIZE (1u << 13)
static struct entry cache[CACHE_SIZE] __attribute__((aligned(64)));
static _Atomic(uint64_t) misses, cut_short;

/* exact: pc is of an interrupted instruction (1), not a return address (0). */
static inline uint64_t cache_key(uintptr_t pc, unsigned exact, uint32_t generation)
{
	return (uint64_t)pc << 16 | (generation & 0x7fff) << 1 | exact;
}

static inline uint64_t cache_mix(uint64_t rule)
{
	return rule * 0x9e3779b97f4a7c15ull;
}

static inline uint64_t relaxed(_Atomic(uint64_t) *p)
{
	return __atomic_load_n((uint64_t *)p, __ATOMIC_RELAXED);
}

static inline void relaxed_set(_Atomic(uint64_t) *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)p, v, __ATOMIC_RELAXED);
}

static inline struct entry *cache_entry(uintptr_t pc)
{
	uintptr_t offset = (pc * sizeof(struct entry)) & (sizeof(cache) - sizeof(struct entry));

	return (struct entry *)((char *)cache + offset);
}

static inline struct entry *neighbour(struct entry *e)
{
	return (struct entry *)((uintptr_t)e ^ sizeof(struct entry));
}

static inline bool cache_get(struct entry *e, uint64_t key, uint64_t *rule)
{
	*rule = relaxed(&e->rule);
	return (relaxed(&e->check) ^ cache_mix(*rule)) == key;
}

/* The new rule goes into its own entry, what was there into the neighbour. */
static void cache_put(struct entry *e, uint64_t key, uint64_t rule)
{
	relaxed_set(&neighbour(e)->check, relaxed(&e->check));
	relaxed_set(&neighbour(e)->rule, relaxed(&e->rule));
	relaxed_set(&e->check, key ^ cache_mix(rule));
	relaxed_set(&e->rule, rule);
}

static bool expr_is_fp_deref(const struct module_eh *eh, const struct cfi_row *row, int64_t *offset)
{
	struct cfi_cursor c = cfi_expr_block(eh, row->cfa_val);

	if (cfi_fixed(&c, 1) != 0x70 + ARCH_REG_FP)
		return false;
	*offset = cfi_sleb(&c);
	return cfi_fixed(&c, 1) == 0x06 && c.at == c.end && !c.bad;
}

/* fp saved where fp points: what a function with a realigned stack does. */
static bool expr_is_at_fp(const struct module_eh *eh, int32_t val)
{
	struct cfi_cursor c = cfi_expr_block(eh, val);

	return cfi_fixed(&c, 1) == 0x70 + ARCH_REG_FP && cfi_sleb(&c) == 0 && c.at == c.end &&
	       !c.bad;
}

static uint64_t rule_pack(const struct module_eh *eh, const struct cfi_row *row)
{
	int64_t offset = row->cfa_val, fp = -row->val[ARCH_REG_FP];
	uint64_t kind, fp_field = 0;

	if (row->signal)
		return RULE_SPECIAL;
	if (row->how[ARCH_REG_RA] == CFI_UNDEFINED)
		return RULE_OUTERMOST;
	if (row->how[ARCH_REG_RA] != CFI_OFFSET || row->val[ARCH_REG_RA] != ARCH_RA_OFFSET ||
	    row->how[ARCH_REG_SP] != CFI_SAME)
		return RULE_SPECIAL;

	if (row->cfa_expr && expr_is_fp_deref(eh, row, &offset))
		kind = RULE_FP_DEREF;
	else if (!row->cfa_expr && row->cfa_reg == ARCH_REG_SP)
		kind = RULE_SP;
	else if (!row->cfa_expr && row->cfa_reg == ARCH_REG_FP)
		kind = RULE_FP;
	else
		return RULE_SPECIAL;

	if (row->how[ARCH_REG_FP] == CFI_OFFSET && fp > 0 && fp % 8 == 0 && fp / 8 < FP_AT_FP)
		fp_field = fp / 8;
	else if (row->how[ARCH_REG_FP] == CFI_EXPR && expr_is_at_fp(eh, row->val[ARCH_REG_FP]))
		fp_field = FP_AT_FP;
	else if (row->how[ARCH_REG_FP] != CFI_SAME && row->how[ARCH_REG_FP] != CFI_UNDEFINED)
		return RULE_SPECIAL;
	if (offset != (int32_t)offset)
		return RULE_SPECIAL;
	return kind | fp_field << 16 | (uint64_t)offset << 32;
}

/* A cache miss: find the rule in the tables. Outside all modules there is none, and a module may
 * come there any time, so that is not cached. */
static __attribute__((noinline)) uint64_t rule_compute(uintptr_t pc, unsigned exact, uint64_t key)
{
	struct module_eh eh;
	struct cfi_row row;
	uintptr_t at = pc - 1 + exact;
	uint64_t rule;
	int rc;

	__atomic_fetch_add((uint64_t *)&misses, 1, __ATOMIC_RELAXED);
	module_learn(at);
	if (!module_eh(at, &eh))
		return RULE_NO_TABLE;
	rc = cfi_find_row(&eh, at, &row);
	if (rc == 0)
		rule = rule_pack(&eh, &row);
	else
		rule = rc == -ENOENT ? RULE_NO_TABLE : RULE_UNKNOWN;
	cache_put(cache_entry(pc), key, rule);
	return rule;
}

static inline uint64_t rule_get(uintptr_t pc, unsigned exact, uint32_t generation)
{
	uint64_t key = cache_key(pc, exact, generation), rule;
	struct entry *e = cache_entry(pc);

	if (__builtin_expect(cache_get(e, key, &rule), 1) || cache_get(neighbour(e), key, &rule))
		return rule;
	return rule_compute(pc, exact, key);
}

/* ------------------------------------------------------------------ the walk */

/*
 * One frame by its packed rule: false if what it says is impossible. Updates *sp, *fp; *slot is
 * where the return address is. Of a word inside the window, alignment does not matter.
 */
static inline __attribute__((always_inline)) bool
step_quick(uint64_t rule, uintptr_t *sp, uintptr_t *fp, struct window *w, uintptr_t *slot)
{
	uintptr_t cfa = (rule & 3) == RULE_SP ? *sp : *fp, saved;
	unsigned fp_field = rule >> 16 & 0xffff;

	cfa += (int32_t)(rule >> 32);
	if (__builtin_expect((rule & 3) == RULE_FP_DEREF, 0)) {
		if (!stack_readable(w, cfa))
			return false;
		cfa = word_at(cfa);
	}
	*slot = cfa + ARCH_RA_OFFSET;
	if (__builtin_expect(*slot < *sp || *slot > w->last, 0) && !stack_reaches(w, *sp, *slot))
		return false;
	*sp = cfa;
	if (fp_field == 0)
		return true;
	saved = __builtin_expect(fp_field == FP_AT_FP, 0) ? *fp : cfa - 8 * fp_field;
	if (__builtin_expect(!window_has(w, saved), 0) && !stack_readable(w, saved))
		return false;
	*fp = word_at(saved);
	return true;
}

/* Where a walk is. pc is an interrupted instruction (exact 1) or a return address (0). */
struct walk {
	uintptr_t pc, sp, fp;
	unsigned exact;
	bool lost; /* regs is behind: quick steps have been made */
	bool skip; /* frames of ours are still to be left out */
	int n, skipped;
};

/* A frame that is not quick. Returns as step_full does. */
static __attribute__((noinline)) int step_special(uint64_t rule, unsigned exact, struct regs *regs,
						  struct window *w, uintptr_t *slot)
{
	uintptr_t pc = regs->r[ARCH_REG_RA] - 1 + exact;
	int rc = -ENOENT;

	if (rule == RULE_OUTERMOST)
		return -ENODATA;
	if (rule == RULE_UNKNOWN)
		return -EINVAL;
	if (rule != RULE_NO_TABLE)
		rc = step_full(regs, pc, w, slot);
	if (rc == -ENOENT)
		rc = step_frame_pointer(regs, pc, w, slot);
	if (rc >= 0 && !stack_enter(w, regs->r[ARCH_REG_SP], false))
		return -EFAULT;
	return rc;
}

/* Stores the frame that was reached; false if it is the last. */
static inline __attribute__((always_inline)) bool walk_store(struct walk *at, uintptr_t slot,
							     struct unwind_frame *out, int max)
{
	if (at->pc == 0)
		return false;
	if (__builtin_expect(at->skip, 0)) {
		if (module_is_self(at->pc)) /* 64 such frames are none of ours */
			return ++at->skipped < 64;
		at->skip = false;
	}
	out[at->n].pc = at->pc;
	out[at->n].slot = slot;
	return ++at->n < max;
}

/* Returns the number of frames, or -EAGAIN to ask for the walk with full steps only. */
static inline __attribute__((always_inline)) int walk(struct regs *regs, struct window *w,
						      bool full, struct unwind_frame *out, int max)
{
	uint32_t generation = modules_generation();
	struct walk at = {.pc = regs->r[ARCH_REG_RA],
			  .sp = regs->r[ARCH_REG_SP],
			  .fp = regs->r[ARCH_REG_FP],
			  .exact = 1,
			  .skip = !module_self_is_main()};
	uintptr_t slot, where = 0;
	int rc;

	for (;;) {
		uint64_t rule = full ? RULE_SPECIAL : rule_get(at.pc, at.exact, generation);

		while (__builtin_expect((rule & 3) != RULE_SPECIAL, 1)) {
			if (!step_quick(rule, &at.sp, &at.fp, w, &slot))
				goto cut;
			ARCH_KEEP_IN_REGISTERS(at.sp, at.fp);
			at.pc = arch_strip(word_at(slot));
			if (!walk_store(&at, slot, out, max))
				return at.n;
			rule = rule_get(at.pc, 0, generation);
			at.exact = 0;
			at.lost = true;
		}
		if (at.lost)
			regs->known = KNOWN_QUICK;
		regs->r[ARCH_REG_RA] = at.pc;
		regs->r[ARCH_REG_SP] = at.sp;
		regs->r[ARCH_REG_FP] = at.fp;
		rc = step_special(rule, at.exact, regs, w, &where);
		if (rc == -EAGAIN && !full)
			return rc;
		if (rc == -ENODATA)
			return at.n;
		if (rc < 0)
			goto cut;
		at.pc = arch_strip(regs->r[ARCH_REG_RA]);
		at.sp = regs->r[ARCH_REG_SP];
		at.fp = regs->r[ARCH_REG_FP];
		at.exact = rc;
		at.lost = false;
		if (!walk_store(&at, where, out, max))
			return at.n;
	}
cut:
	__atomic_fetch_add((uint64_t *)&cut_short, 1, __ATOMIC_RELAXED);
	return at.n;
}

static __attribute__((noinline)) int walk_from(struct regs *regs, bool full,
					       struct unwind_frame *out, int max, uintptr_t lo,
					       uintptr_t hi)
{
	struct window w = {.lo = 1, .last = 0, .given_lo = 1, .given_last = 0};

	if (max <= 0)
		return 0;
	if (lo < hi && hi >= sizeof(uintptr_t)) {
		w.given_lo = lo;
		w.given_last = (hi & -sizeof(uintptr_t)) - sizeof(uintptr_t);
	}
	stack_enter(&w, regs->r[ARCH_REG_SP], true);
	regs->known = ARCH_KNOWN_AT_START;
	return walk(regs, &w, full, out, max);
}

/* The registers are read again for the second walk: the first one changed them. */
__attribute__((noinline)) int unwind_stack_in(struct unwind_frame *out, int max, uintptr_t lo,
					      uintptr_t hi)
{
	struct regs regs;
	int n;

	ARCH_CAPTURE(regs.r);
	n = walk_from(&regs, false, out, max, lo, hi);
	if (n == -EAGAIN) {
		ARCH_CAPTURE(regs.r);
		n = walk_from(&regs, true, out, max, lo, hi);
	}
	return n;
}

__attribute__((noinline)) int unwind_stack(struct unwind_frame *out, int max)
{
	struct regs regs;
	int n;

	ARCH_CAPTURE(regs.r);
	n = walk_from(&regs, false, out, max, 0, 0);
	if (n == -EAGAIN) {
		ARCH_CAPTURE(regs.r);
		n = walk_from(&regs, true, out, max, 0, 0);
	}
	return n;
}

void unwind_stats_read(struct unwind_stats *out)
{
	out->misses = __atomic_load_n((uint64_t *)&misses, __ATOMIC_RELAXED);
	out->cut_short = __atomic_load_n((uint64_t *)&cut_short, __ATOMIC_RELAXED);
}

bool unwind_function(uintptr_t pc, uintptr_t *begin, uintptr_t *size)
{
	struct cfi_function fn;
	struct module_eh eh;

	if (!module_eh(pc - 1, &eh) || cfi_find_function(&eh, pc - 1, &fn) < 0)
		return false;
	*begin = fn.begin;
	*size = fn.size;
	return true;
}
