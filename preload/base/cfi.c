/* SPDX-License-Identifier: MIT */
/*
 * .eh_frame_hdr look-up, CIE and FDE, and the interpreter of CFA programs. See cfi.h.
 * All reads go through a cursor whose end lies inside the module; 64-bit entries (length
 * 0xffffffff) and unsorted look-up tables, which no linker makes, are refused.
 */
#include "base/cfi.h"

#include <errno.h>
#include <string.h>

/* ------------------------------------------------------------------ bytes */

uint64_t cfi_fixed(struct cfi_cursor *c, unsigned bytes)
{
	uint64_t v = 0;

	if ((uintptr_t)(c->end - c->at) < bytes || c->bad) {
		c->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++) /* little-endian */
		v |= (uint64_t)*c->at++ << 8 * i;
	return v;
}

static int64_t fixed_signed(struct cfi_cursor *c, unsigned bytes)
{
	unsigned up = 64 - 8 * bytes;

	return (int64_t)(cfi_fixed(c, bytes) << up) >> up;
}

uint64_t cfi_uleb(struct cfi_cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t b = cfi_fixed(c, 1);

		v |= (b & 0x7f) << shift;
		if (!(b & 0x80))
			break;
	}
	return v;
}

int64_t cfi_sleb(struct cfi_cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64;) {
		uint64_t b = cfi_fixed(c, 1);

		v |= (b & 0x7f) << shift;
		shift += 7;
		if (b & 0x80)
			continue;
		if ((b & 0x40) && shift < 64)
			v |= ~0ull << shift;
		break;
	}
	return (int64_t)v;
}

struct cfi_cursor cfi_expr_block(const struct module_eh *eh, int32_t val)
{
	struct cfi_cursor c = {eh->hdr + val, (const uint8_t *)eh->end, false};
	uint64_t len = cfi_uleb(&c);

	if (len > (uintptr_t)(c.end - c.at))
		c.bad = true;
	else
		c.end = c.at + len;
	return c;
}

/* ------------------------------------------------------------------ entries */

struct cie {
	uint64_t code_align;
	int64_t data_align;
	struct cfi_cursor program;
	uint8_t pointer; /* encoding of addresses in the FDE */
	bool augmented, signal;
};

/* Only DW_EH_PE_absptr, fixed sizes, and relative to their own place: what linkers make. */
static uintptr_t encoded(struct cfi_cursor *c, uint8_t enc)
{
	uintptr_t base = (enc & 0x70) == 0x10 ? (uintptr_t)c->at : 0;

	if ((enc & 0x70) > 0x10)
		c->bad = true;
	switch (enc & 0x0f) {
	case 0x00:
		return base + cfi_fixed(c, sizeof(uintptr_t));
	case 0x02:
		return base + cfi_fixed(c, 2);
	case 0x03:
		return base + cfi_fixed(c, 4);
	case 0x04:
	case 0x0c:
		return base + cfi_fixed(c, 8);
	case 0x0a:
		return base + fixed_signed(c, 2);
	case 0x0b:
		return base + fixed_signed(c, 4);
	}
	c->bad = true;
	return 0;
}

/* A cursor over the entry at p, after its length. */
static struct cfi_cursor entry_open(const struct module_eh *eh, const uint8_t *p)
{
	struct cfi_cursor c = {p, (const uint8_t *)eh->end, false};
	uint64_t len;

	if ((uintptr_t)p < eh->start || (uintptr_t)p >= eh->end)
		c.bad = true;
	len = cfi_fixed(&c, 4);
	if (len == 0 || len >= 0xfffffff0 || len > (uintptr_t)(c.end - c.at))
		c.bad = true;
	else
		c.end = c.at + len;
	return c;
}

static void cie_augmentation(struct cie *cie, struct cfi_cursor *c, const char *letters)
{
	uint64_t len;
	const uint8_t *next;

	if (*letters != 'z') {
		c->bad |= *letters != '\0';
		return;
	}
	cie->augmented = true;
	len = cfi_uleb(c);
	if (len > (uintptr_t)(c->end - c->at)) {
		c->bad = true;
		return;
	}
	next = c->at + len;
	for (letters++; *letters; letters++) {
		if (*letters == 'R')
			cie->pointer = cfi_fixed(c, 1);
		else if (*letters == 'L')
			cfi_fixed(c, 1);
		else if (*letters == 'S')
			cie->signal = true;
		else if (*letters == 'P')
			encoded(c, cfi_fixed(c, 1) & 0x0f);
		else
			break; /* unknown ones have no effect on rules */
	}
	c->at = next;
}

static int cie_read(struct cie *cie, const struct module_eh *eh, const uint8_t *p)
{
	struct cfi_cursor c = entry_open(eh, p);
	const char *letters;
	uint64_t version;

	memset(cie, 0, sizeof(*cie));
	if (cfi_fixed(&c, 4) != 0)
		return -EINVAL;
	version = cfi_fixed(&c, 1);
	letters = (const char *)c.at;
	while (cfi_fixed(&c, 1) != 0)
		;
	cie->code_align = cfi_uleb(&c);
	cie->data_align = cfi_sleb(&c);
	if ((version == 1 ? cfi_fixed(&c, 1) : cfi_uleb(&c)) != ARCH_REG_RA)
		return -EINVAL;
	if (c.bad || (version != 1 && version != 3))
		return -EINVAL;
	cie_augmentation(cie, &c, letters);
	cie->program = c;
	return c.bad ? -EINVAL : 0;
}

/* The FDE that the look-up table gives for pc, or NULL: the last that begins at or before it. */
static const uint8_t *fde_search(const struct module_eh *eh, uintptr_t pc)
{
	struct cfi_cursor c = {eh->hdr, (const uint8_t *)eh->end, false};
	const int32_t *table;
	uint64_t head, lo = 0, hi;
	uint8_t start_enc;

	if (!eh->hdr || (uintptr_t)eh->hdr < eh->start || (uintptr_t)eh->hdr >= eh->end)
		return NULL;
	head = cfi_fixed(&c, 4);
	if ((head & 0xff) != 1 || head >> 24 != 0x3b) /* sdata4, relative to the header */
		return NULL;
	start_enc = head >> 8;
	encoded(&c, start_enc);
	hi = encoded(&c, head >> 16);
	table = (const int32_t *)c.at;
	if (c.bad || hi > (uintptr_t)(c.end - c.at) / 8)
		return NULL;
	while (lo < hi) {
		uint64_t mid = (lo + hi) / 2;

		if ((uintptr_t)eh->hdr + table[2 * mid] <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? eh->hdr + table[2 * lo - 1] : NULL;
}

/* ------------------------------------------------------------------ CFA programs */

/* Nesting of remember_state: compilers, glibc and OpenSSL use one; each costs 92 bytes of stack. */
#define SAVED_ROWS 1

struct run {
	const struct module_eh *eh;
	const struct cie *cie;
	struct cfi_row *row;
	struct cfi_row saved[SAVED_ROWS];
	unsigned saved_n;
	uint64_t only; /* the one register that counts (rule_restore), or ANY */
	uintptr_t loc, pc;
};
#define ANY (~0ull)

static int run(struct run *r, struct cfi_cursor *c);

static void rule_set(struct run *r, uint64_t reg, enum cfi_how how, int64_t val)
{
	if (reg >= ARCH_REGS || (r->only != ANY && reg != r->only))
		return; /* vector registers and the like */
	r->row->how[reg] = how;
	r->row->val[reg] = (int32_t)val;
}

/* Back to what the CIE says: its few operations are run again for this register, which is cheaper
 * than keeping a second row. */
static void rule_restore(struct run *r, uint64_t reg)
{
	struct cfi_cursor program = r->cie->program;
	uintptr_t loc = r->loc;

	rule_set(r, reg, CFI_SAME, 0);
	if (r->only != ANY)
		return; /* within a CIE it means nothing */
	r->only = reg;
	r->loc = r->pc;
	run(r, &program);
	r->loc = loc;
	r->only = ANY;
}

static void rule_expr(struct run *r, struct cfi_cursor *c, uint64_t reg, enum cfi_how how)
{
	const uint8_t *block = c->at;
	uint64_t len = cfi_uleb(c);

	if (len > (uintptr_t)(c->end - c->at)) {
		c->bad = true;
		return;
	}
	c->at += len;
	if (how == CFI_SAME && r->only == ANY) { /* of the CFA itself */
		r->row->cfa_expr = true;
		r->row->cfa_val = block - r->eh->hdr;
	} else if (how != CFI_SAME) {
		rule_set(r, reg, how, block - r->eh->hdr);
	}
}

static void cfa_set(struct run *r, struct cfi_cursor *c, uint64_t reg, int64_t val)
{
	c->bad |= reg >= ARCH_REGS;
	if (r->only != ANY)
		return;
	r->row->cfa_expr = false;
	r->row->cfa_reg = reg;
	r->row->cfa_val = val;
}

static void row_remember(struct run *r, struct cfi_cursor *c)
{
	if (r->saved_n == SAVED_ROWS)
		c->bad = true;
	else
		r->saved[r->saved_n++] = *r->row;
}

static void row_restore(struct run *r, struct cfi_cursor *c)
{
	if (r->saved_n == 0)
		c->bad = true;
	else
		*r->row = r->saved[--r->saved_n];
}

static void op_advance(struct run *r, uint64_t delta)
{
	r->loc += delta * r->cie->code_align;
}

/* The operations without an operand in their first byte. */
static void op_extended(struct run *r, struct cfi_cursor *c, uint8_t op)
{
	int64_t align = r->cie->data_align;
	uint64_t a;

	/* clang-format off */
	switch (op) {
	case 0x00: /* nop */ break;
	case 0x01: r->loc = encoded(c, r->cie->pointer); break;
	case 0x02: op_advance(r, cfi_fixed(c, 1)); break;
	case 0x03: op_advance(r, cfi_fixed(c, 2)); break;
	case 0x04: op_advance(r, cfi_fixed(c, 4)); break;
	case 0x05: a = cfi_uleb(c), rule_set(r, a, CFI_OFFSET, cfi_uleb(c) * align); break;
	case 0x06: rule_restore(r, cfi_uleb(c)); break;
	case 0x07: rule_set(r, cfi_uleb(c), CFI_UNDEFINED, 0); break;
	case 0x08: rule_set(r, cfi_uleb(c), CFI_SAME, 0); break;
	case 0x09: a = cfi_uleb(c), rule_set(r, a, CFI_REGISTER, cfi_uleb(c)); break;
	case 0x0a: row_remember(r, c); break;
	case 0x0b: row_restore(r, c); break;
	case 0x0c: a = cfi_uleb(c), cfa_set(r, c, a, cfi_uleb(c)); break;
	case 0x0d: cfa_set(r, c, cfi_uleb(c), r->row->cfa_val); break;
	case 0x0e: cfa_set(r, c, r->row->cfa_reg, cfi_uleb(c)); break;
	case 0x0f: rule_expr(r, c, 0, CFI_SAME); break;
	case 0x10: a = cfi_uleb(c), rule_expr(r, c, a, CFI_EXPR); break;
	case 0x11: a = cfi_uleb(c), rule_set(r, a, CFI_OFFSET, cfi_sleb(c) * align); break;
	case 0x12: a = cfi_uleb(c), cfa_set(r, c, a, cfi_sleb(c) * align); break;
	case 0x13: cfa_set(r, c, r->row->cfa_reg, cfi_sleb(c) * align); break;
	case 0x14: a = cfi_uleb(c), rule_set(r, a, CFI_VAL_OFFSET, cfi_uleb(c) * align); break;
	case 0x15: a = cfi_uleb(c), rule_set(r, a, CFI_VAL_OFFSET, cfi_sleb(c) * align); break;
	case 0x16: a = cfi_uleb(c), rule_expr(r, c, a, CFI_VAL_EXPR); break;
	case 0x2d: /* arm64: toggles return address signing; arch_strip() does it always */ break;
	case 0x2e: cfi_uleb(c); /* size of arguments on the stack */ break;
	case 0x2f: a = cfi_uleb(c), rule_set(r, a, CFI_OFFSET, -cfi_uleb(c) * align); break;
	default: c->bad = true;
	}
	/* clang-format on */
}

static int run(struct run *r, struct cfi_cursor *c)
{
	while (c->at < c->end && !c->bad && r->loc <= r->pc) {
		uint8_t op = cfi_fixed(c, 1), low = op & 0x3f;

		switch (op >> 6) {
		case 0:
			op_extended(r, c, op);
			break;
		case 1:
			op_advance(r, low);
			break;
		case 2:
			rule_set(r, low, CFI_OFFSET, cfi_uleb(c) * r->cie->data_align);
			break;
		case 3:
			rule_restore(r, low);
			break;
		}
	}
	return c->bad ? -EINVAL : 0;
}

/* The FDE of pc: its extent, its CIE, and the cursor behind the extent. */
static inline __attribute__((always_inline)) int fde_open(const struct module_eh *eh, uintptr_t pc,
							  struct cfi_cursor *c, struct cie *cie,
							  struct cfi_function *fn)
{
	const uint8_t *fde = fde_search(eh, pc), *field;
	int rc;

	if (!fde)
		return -ENOENT;
	*c = entry_open(eh, fde);
	field = c->at;
	rc = cie_read(cie, eh, field - cfi_fixed(c, 4));
	if (rc < 0 || c->bad)
		return -EINVAL;
	fn->begin = encoded(c, cie->pointer);
	fn->size = encoded(c, cie->pointer & 0x0f);
	return pc - fn->begin < fn->size ? 0 : -ENOENT;
}

int cfi_find_function(const struct module_eh *eh, uintptr_t pc, struct cfi_function *fn)
{
	struct cfi_cursor c;
	struct cie cie;

	return fde_open(eh, pc, &c, &cie, fn);
}

int cfi_find_row(const struct module_eh *eh, uintptr_t pc, struct cfi_row *row)
{
	struct cfi_cursor c, program;
	struct cfi_function fn;
	struct cie cie;
	struct run r;
	int rc = fde_open(eh, pc, &c, &cie, &fn);

	if (rc < 0)
		return rc;
	if (cie.augmented) {
		uint64_t len = cfi_uleb(&c);

		if (len > (uintptr_t)(c.end - c.at))
			return -EINVAL;
		c.at += len;
	}
	memset(row, 0, sizeof(*row));
	row->signal = cie.signal;
	r.eh = eh, r.cie = &cie, r.row = row, r.pc = pc, r.saved_n = 0, r.only = ANY;
	r.loc = pc; /* all of the CIE's program counts */
	program = cie.program;
	rc = run(&r, &program);
	r.loc = fn.begin;
	return rc < 0 ? rc : run(&r, &c);
}
