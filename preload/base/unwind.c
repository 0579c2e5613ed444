/* SPDX-License-Identifier: MIT */
/*
 * The stack walker and its cache of frame rules. See unwind.h for the contract.
 *
 * A frame's rule, for nearly all code, is: CFA = sp or fp + constant, return address at CFA - 8, the
 * caller's fp saved at a constant distance or untouched. That fits in 8 bytes, and is cached. The
 * rest (signal trampolines, CFA in other registers, expressions) is computed from the tables each
 * time (step_full). The quick steps follow sp, fp and pc alone; when a frame needs a register they
 * lost, the walk starts anew with full steps only.
 */
#include "base/unwind.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cfi.h"
#include "base/modules.h"
#include "base/sys.h"
#include "base/unwind_arch.h"

#define FRAME_MAX (1ul << 20)	/* a frame larger than this, on an unknown stack, is not believed */
#define CODE_REGION (16ul << 20) /* code without tables (JIT) calls code this near */

/* ------------------------------------------------------------------ rules and their cache */

/*
 * Packed rule: bits 0-1 kind of CFA, bit 2 the return address is undefined, 16-31 where the caller's
 * fp is saved: 0 untouched, FP_AT_FP at fp itself, else at CFA - 8 * this; 32-63 offset of the CFA.
 */
enum rule_kind { RULE_SP, RULE_FP, RULE_FP_DEREF /* CFA = *(fp + offset) */, RULE_SPECIAL };
#define RULE_OUTERMOST (RULE_SPECIAL | 4u)
#define RULE_NO_TABLE (RULE_SPECIAL | 8u)
#define RULE_UNKNOWN (RULE_SPECIAL | 16u) /* tables we don't understand */
#define FP_AT_FP 0xffffu

/*
 * An entry is written without a lock: its check is the key mixed with the rule, so that halves of two
 * different writes match no key. The index is the low bits of pc as they are: hashing costs cycles in
 * the one chain of dependent loads that a walk is. A second try in the neighbouring entry, in the
 * same cache line.
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

/* ------------------------------------------------------------------ reading the stack */

/*
 * Words from lo to last are readable, last included; what the caller vouched for is kept apart, to
 * come back to it. Empty: lo > last. A walk's sp lies in the window, or one word above its end.
 */
struct window {
	uintptr_t lo, last;
	uintptr_t given_lo, given_last;
};

static inline bool window_has(const struct window *w, uintptr_t at)
{
	return at >= w->lo && at <= w->last;
}

/* Any word: if it is outside the window, probe its page. A page above the window extends it. */
static __attribute__((noinline)) bool readable(struct window *w, uintptr_t at)
{
	uintptr_t page = at & ~4095ul;

	if (at % sizeof(uintptr_t) || at < 4096)
		return false;
	if (window_has(w, at))
		return true;
	if (at >= w->given_lo && at <= w->given_last) {
		w->lo = w->given_lo;
		w->last = w->given_last;
		return true;
	}
	if (sys_call(SYS_rt_sigprocmask, -1, at, 0, 8) == -EFAULT)
		return false;
	if (page != w->last + sizeof(uintptr_t))
		w->lo = page;
	w->last = page + 4096 - sizeof(uintptr_t);
	return true;
}

/* Where the frame that begins at sp may end: not too far beyond what is known to be stack. */
static __attribute__((noinline)) bool window_reach(struct window *w, uintptr_t sp, uintptr_t at)
{
	return at >= sp && at - sp <= FRAME_MAX && readable(w, at);
}

static inline __attribute__((no_sanitize("address"))) uintptr_t word_at(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

/* ------------------------------------------------------------------ full steps */

struct regs {
	uintptr_t r[ARCH_REGS];
	uint32_t known;
};
#define KNOWN_QUICK (1u << ARCH_REG_SP | 1u << ARCH_REG_FP | 1u << ARCH_REG_RA)

#define EXPR_DEPTH 5 /* a PLT entry's needs 3 */

struct expr {
	uint64_t stack[EXPR_DEPTH];
	unsigned n;
	int error; /* 0, -EAGAIN: needs an unknown register, -EINVAL, -EFAULT */
};

static void expr_push(struct expr *x, uint64_t v)
{
	if (x->n == EXPR_DEPTH)
		x->error = -EINVAL;
	else
		x->stack[x->n++] = v;
}

static uint64_t expr_pop(struct expr *x)
{
	if (x->n == 0) {
		x->error = -EINVAL;
		return 0;
	}
	return x->stack[--x->n];
}

static uintptr_t reg_get(const struct regs *regs, unsigned reg, int *error)
{
	if (reg < ARCH_REGS && regs->known >> reg & 1)
		return regs->r[reg];
	*error = reg < ARCH_REGS ? -EAGAIN : -EINVAL;
	return 0;
}

static void expr_deref(struct expr *x, struct window *w)
{
	uintptr_t at = expr_pop(x);

	if (x->error)
		return;
	if (readable(w, at))
		expr_push(x, word_at(at));
	else
		x->error = -EFAULT;
}

static void expr_binary(struct expr *x, uint8_t op)
{
	uint64_t b = expr_pop(x), a = expr_pop(x);

	switch (op) {
	case 0x1a: expr_push(x, a & b); break;
	case 0x1c: expr_push(x, a - b); break;
	case 0x1e: expr_push(x, a * b); break;
	case 0x21: expr_push(x, a | b); break;
	case 0x22: expr_push(x, a + b); break;
	case 0x24: expr_push(x, b < 64 ? a << b : 0); break;
	case 0x25: expr_push(x, b < 64 ? a >> b : 0); break;
	case 0x27: expr_push(x, a ^ b); break;
	case 0x29: expr_push(x, a == b); break;
	case 0x2a: expr_push(x, (int64_t)a >= (int64_t)b); break;
	case 0x2b: expr_push(x, (int64_t)a > (int64_t)b); break;
	case 0x2c: expr_push(x, (int64_t)a <= (int64_t)b); break;
	case 0x2d: expr_push(x, (int64_t)a < (int64_t)b); break;
	case 0x2e: expr_push(x, a != b); break;
	default: x->error = -EINVAL;
	}
}

static void expr_constant(struct expr *x, struct cfi_cursor *c, uint8_t op)
{
	unsigned bytes = 1u << (op - 0x08) / 2, up = 64 - 8 * bytes;
	uint64_t v = cfi_fixed(c, bytes);

	expr_push(x, (op & 1) ? (uint64_t)((int64_t)(v << up) >> up) : v);
}

/* DW_OP: what occurs in unwind tables of compilers, linkers (PLT) and C libraries. */
static uint64_t expr_eval(struct expr *x, struct cfi_cursor c, const struct regs *regs,
			  struct window *w)
{
	while (c.at < c.end && !x->error && !c.bad) {
		uint8_t op = cfi_fixed(&c, 1);

		if (op >= 0x30 && op <= 0x4f)
			expr_push(x, op - 0x30);
		else if (op >= 0x70 && op <= 0x8f)
			expr_push(x, reg_get(regs, op - 0x70, &x->error) + cfi_sleb(&c));
		else if (op >= 0x08 && op <= 0x0f)
			expr_constant(x, &c, op);
		else if (op == 0x06)
			expr_deref(x, w);
		else if (op == 0x10)
			expr_push(x, cfi_uleb(&c));
		else if (op == 0x11)
			expr_push(x, cfi_sleb(&c));
		else if (op == 0x12 && x->n)
			expr_push(x, x->stack[x->n - 1]);
		else if (op == 0x23)
			expr_push(x, expr_pop(x) + cfi_uleb(&c));
		else
			expr_binary(x, op);
	}
	if (c.bad && !x->error)
		x->error = -EINVAL;
	return expr_pop(x);
}

static __attribute__((noinline)) int expr_value(const struct module_eh *eh, int32_t val,
						const struct regs *regs, struct window *w,
						const uintptr_t *cfa, uintptr_t *out)
{
	struct expr x = { .n = 0 };

	if (cfa) /* rules of registers start with the CFA on the stack */
		expr_push(&x, *cfa);
	*out = expr_eval(&x, cfi_expr_block(eh, val), regs, w);
	return x.error;
}

/* The caller's value of one register: 0 and known or unknown in `to`, or -errno. */
static int reg_restore(const struct module_eh *eh, const struct cfi_row *row, unsigned reg,
		       const struct regs *from, uintptr_t cfa, struct window *w, struct regs *to,
		       uintptr_t *slot)
{
	uintptr_t v = cfa + row->val[reg];
	bool load = false;
	int rc = 0;

	switch (row->how[reg]) {
	case CFI_SAME:
		if (reg == ARCH_REG_SP)
			v = cfa;
		else if (from->known >> reg & 1)
			v = from->r[reg];
		else
			return 0;
		break;
	case CFI_UNDEFINED: return 0;
	case CFI_OFFSET: load = true; break;
	case CFI_VAL_OFFSET: break;
	case CFI_REGISTER: v = reg_get(from, row->val[reg], &rc); break;
	case CFI_EXPR: load = true; /* fall through */
	case CFI_VAL_EXPR: rc = expr_value(eh, row->val[reg], from, w, &cfa, &v); break;
	}
	if (rc == 0 && load) {
		*slot = v;
		if (!readable(w, v))
			return -EFAULT;
		v = word_at(v);
	}
	if (rc < 0)
		return rc;
	to->r[reg] = v;
	to->known |= 1u << reg;
	return 0;
}

/* Computes the CFA and the caller's registers. Changes regs only on success. */
static __attribute__((noinline)) int row_apply(const struct module_eh *eh, const struct cfi_row *row,
					       struct regs *regs, struct window *w, uintptr_t *slot)
{
	struct regs to = { .known = 0 };
	uintptr_t cfa = 0, ignored;
	int rc = 0;

	if (row->cfa_expr)
		rc = expr_value(eh, row->cfa_val, regs, w, NULL, &cfa);
	else
		cfa = reg_get(regs, row->cfa_reg, &rc) + row->cfa_val;
	*slot = cfa;
	for (unsigned reg = 0; reg < ARCH_REGS && rc == 0; reg++)
		rc = reg_restore(eh, row, reg, regs, cfa, w, &to,
				 reg == ARCH_REG_RA ? slot : &ignored);
	if (rc < 0)
		return rc;
	if ((to.known & KNOWN_QUICK) != KNOWN_QUICK || to.r[ARCH_REG_SP] % sizeof(uintptr_t))
		return -EINVAL;
	if (!row->signal && to.r[ARCH_REG_SP] <= regs->r[ARCH_REG_SP])
		return -EINVAL;
	*regs = to;
	return row->signal;
}

/*
 * One frame by the whole row. Returns 1 if the new pc is of an interrupted instruction, 0 if it is a
 * return address; -ENOENT without a table, -ENODATA at the outermost frame, -EAGAIN if a register is
 * missing that quick steps lose, -EINVAL, -EFAULT.
 */
static __attribute__((noinline)) int step_full(struct regs *regs, uintptr_t pc, struct window *w,
					       uintptr_t *slot)
{
	struct module_eh eh;
	struct cfi_row row;
	int rc = -ENOENT;

	if (module_eh(pc, &eh))
		rc = cfi_find_row(&eh, pc, &row);
	if (rc < 0)
		return rc;
	if (row.how[ARCH_REG_RA] == CFI_UNDEFINED)
		return -ENODATA;
	if (row.how[ARCH_REG_RA] == CFI_SAME)
		return -EINVAL;
	return row_apply(&eh, &row, regs, w, slot);
}

/* Code without tables: believe the frame pointer if all it leads to looks right. */
static __attribute__((noinline)) int step_frame_pointer(struct regs *regs, uintptr_t pc, struct window *w, uintptr_t *slot)
{
	uintptr_t sp = regs->r[ARCH_REG_SP], fp = regs->r[ARCH_REG_FP], next;
	const struct module *m;

	if (fp < sp || fp - sp > FRAME_MAX || !readable(w, fp) || !readable(w, fp + 8))
		return -EINVAL;
	next = arch_strip(word_at(fp + 8));
	m = module_find(next - 1);
	if (m ? !module_is_loaded(m) || next - 1 - m->text_start >= m->text_end - m->text_start :
		next - pc + CODE_REGION > 2 * CODE_REGION)
		return -EINVAL;
	*slot = fp + 8;
	regs->r[ARCH_REG_FP] = word_at(fp);
	regs->r[ARCH_REG_SP] = fp + 16;
	regs->r[ARCH_REG_RA] = next;
	regs->known = KNOWN_QUICK;
	return 0;
}

/* ------------------------------------------------------------------ the walk */

/*
 * One frame by its packed rule: false if what it says is impossible. Updates *sp, *fp; *slot is where
 * the return address is. Of a word inside the window, alignment does not matter.
 */
static inline __attribute__((always_inline)) bool step_quick(uint64_t rule, uintptr_t *sp,
							     uintptr_t *fp, struct window *w,
							     uintptr_t *slot)
{
	uintptr_t cfa = (rule & 3) == RULE_SP ? *sp : *fp, saved;
	unsigned fp_field = rule >> 16 & 0xffff;

	cfa += (int32_t)(rule >> 32);
	if (__builtin_expect((rule & 3) == RULE_FP_DEREF, 0)) {
		if (!readable(w, cfa))
			return false;
		cfa = word_at(cfa);
	}
	*slot = cfa + ARCH_RA_OFFSET;
	if (__builtin_expect(*slot < *sp || *slot > w->last, 0) && !window_reach(w, *sp, *slot))
		return false;
	*sp = cfa;
	if (fp_field == 0)
		return true;
	saved = __builtin_expect(fp_field == FP_AT_FP, 0) ? *fp : cfa - 8 * fp_field;
	if (__builtin_expect(!window_has(w, saved), 0) && !readable(w, saved))
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
	if (rc >= 0 && !readable(w, regs->r[ARCH_REG_SP]))
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
static inline __attribute__((always_inline)) int walk(struct regs *regs, struct window *w, bool full,
						      struct unwind_frame *out, int max)
{
	uint32_t generation = modules_generation();
	struct walk at = { .pc = regs->r[ARCH_REG_RA],
			   .sp = regs->r[ARCH_REG_SP],
			   .fp = regs->r[ARCH_REG_FP],
			   .exact = 1,
			   .skip = !module_self_is_main() };
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
	uintptr_t sp = regs->r[ARCH_REG_SP];
	struct window w = { 1, 0, 1, 0 };

	if (max <= 0)
		return 0;
	if (sp >= lo && sp < hi && hi >= sizeof(uintptr_t)) {
		w.given_lo = w.lo = lo;
		w.given_last = w.last = (hi & -sizeof(uintptr_t)) - sizeof(uintptr_t);
	} else { /* another stack: the page we stand on is there */
		w.lo = sp & ~4095ul;
		w.last = w.lo + 4096 - sizeof(uintptr_t);
		if (lo < hi) {
			w.given_lo = lo;
			w.given_last = (hi & -sizeof(uintptr_t)) - sizeof(uintptr_t);
		}
	}
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
