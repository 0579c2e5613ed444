/* SPDX-License-Identifier: MIT */
/*
 * Thorough steps of the stack walker: every kind of rule, DWARF expressions, signal trampolines,
 * code without tables. See unwind_step.h. Stack use counts here: the functions are kept apart
 * (noinline) so that the room of one is free when the next is called.
 */
#include "base/unwind_step.h"

#include <errno.h>
#include <stddef.h>

#include "base/cfi.h"
#include "base/modules.h"
#include "base/sys.h"

#define FRAME_MAX   (1ul << 20) /* a frame larger than this, on an unknown stack, is not believed */
#define CODE_REGION (256ul << 20) /* code without tables (JIT) calls code this near */

/* ------------------------------------------------------------------ reading the stack */

static uintptr_t page_of(uintptr_t at)
{
	return at & ~4095ul;
}

static void window_is_page(struct window *w, uintptr_t at)
{
	w->lo = page_of(at);
	w->last = w->lo + 4096 - sizeof(uintptr_t);
}

static bool probed(uintptr_t at)
{
	return at >= 4096 && sys_call(SYS_rt_sigprocmask, -1, at, 0, 8) != -EFAULT;
}

bool stack_readable(struct window *w, uintptr_t at)
{
	if (at % sizeof(uintptr_t))
		return false;
	if (window_has(w, at))
		return true;
	if (!probed(at))
		return false;
	if (page_of(at) == w->last + sizeof(uintptr_t))
		w->last += 4096;
	return true;
}

bool stack_reaches(struct window *w, uintptr_t sp, uintptr_t at)
{
	if (at < sp || at - sp > FRAME_MAX || !stack_readable(w, at))
		return false;
	if (!window_has(w, at)) /* pages were skipped: sp goes on from here */
		window_is_page(w, at);
	return true;
}

bool stack_enter(struct window *w, uintptr_t sp, bool standing)
{
	if (sp % sizeof(uintptr_t))
		return false;
	if (window_has(w, sp))
		return true;
	if (sp >= w->given_lo && sp <= w->given_last) {
		w->lo = sp - w->given_lo > ARCH_RED_ZONE ? sp - ARCH_RED_ZONE : w->given_lo;
		w->last = w->given_last;
		return true;
	}
	if (!standing && !probed(sp))
		return false;
	window_is_page(w, sp);
	return true;
}

/* ------------------------------------------------------------------ full steps */

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
	if (stack_readable(w, at))
		expr_push(x, word_at(at));
	else
		x->error = -EFAULT;
}

static void expr_binary(struct expr *x, uint8_t op)
{
	uint64_t b = expr_pop(x), a = expr_pop(x);

	/* clang-format off */
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
	/* clang-format on */
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
	struct expr x = {.n = 0};

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
	case CFI_UNDEFINED:
		return 0;
	case CFI_OFFSET:
		load = true;
		break;
	case CFI_VAL_OFFSET:
		break;
	case CFI_REGISTER:
		v = reg_get(from, row->val[reg], &rc);
		break;
	case CFI_EXPR:
		load = true; /* fall through */
	case CFI_VAL_EXPR:
		rc = expr_value(eh, row->val[reg], from, w, &cfa, &v);
		break;
	}
	if (rc == 0 && load) {
		*slot = v;
		if (!stack_readable(w, v))
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
static __attribute__((noinline)) int row_apply(const struct module_eh *eh,
					       const struct cfi_row *row, struct regs *regs,
					       struct window *w, uintptr_t *slot)
{
	struct regs to = {.known = 0};
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

int step_full(struct regs *regs, uintptr_t pc, struct window *w, uintptr_t *slot)
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

int step_frame_pointer(struct regs *regs, uintptr_t pc, struct window *w, uintptr_t *slot)
{
	uintptr_t sp = regs->r[ARCH_REG_SP], fp = regs->r[ARCH_REG_FP], next;
	const struct module *m;

	if (fp < sp || fp - sp > FRAME_MAX || !stack_readable(w, fp) || !stack_readable(w, fp + 8))
		return -EINVAL;
	next = arch_strip(word_at(fp + 8));
	m = module_find(next - 1);
	if (m ? !module_is_loaded(m) || next - 1 - m->text_start >= m->text_end - m->text_start
	      : next - pc + CODE_REGION > 2 * CODE_REGION)
		return -EINVAL;
	*slot = fp + 8;
	regs->r[ARCH_REG_FP] = word_at(fp);
	regs->r[ARCH_REG_SP] = fp + 16;
	regs->r[ARCH_REG_RA] = next;
	regs->known = KNOWN_QUICK;
	return 0;
}
