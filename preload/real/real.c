/* SPDX-License-Identifier: MIT */
/*
 * Owns: looking symbols up in mapped ELF images, in load order behind our own object, with the
 * version a row asks for. Called at start, from REAL(), and after a dlopen while rows are missing.
 * Allocates nothing.
 */
#include "real/real.h"

#include <elf.h>
#include <link.h>
#include <string.h>

struct real_table real;

static const struct row {
	const char *name, *version;
	void **at;
} rows[] = {
#define SYM(name, version) {#name, version, (void **)&real.name},
#include "real/symbols.def"
#undef SYM
#define IMPORT(name) {#name, "", (void **)&real.name},
    REAL_IMPORTS(IMPORT)
#undef IMPORT
};

/* The dynamic section of one module. Invariant: symtab, strtab and gnu_hash are set, or the module
 * is not searched. */
struct image {
	uintptr_t bias;
	const ElfW(Sym) * symtab;
	const char *strtab;
	const uint32_t *gnu_hash;
	const ElfW(Half) * versym;
	const ElfW(Verdef) * verdef;
	size_t verdefs;
};

static uintptr_t absolute(uintptr_t bias, uintptr_t p)
{
	return p < bias ? p + bias
			: p; /* ld.so relocates these in place, the vdso's stay as they are */
}

static bool image_read(struct image *im, const struct dl_phdr_info *info)
{
	const ElfW(Dyn) *d = NULL;

	memset(im, 0, sizeof(*im));
	im->bias = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			d = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (; d && d->d_tag != DT_NULL; d++) {
		const void *p = (const void *)absolute(im->bias, d->d_un.d_ptr);

		switch (d->d_tag) {
		case DT_SYMTAB:
			im->symtab = p;
			break;
		case DT_STRTAB:
			im->strtab = p;
			break;
		case DT_GNU_HASH:
			im->gnu_hash = p;
			break;
		case DT_VERSYM:
			im->versym = p;
			break;
		case DT_VERDEF:
			im->verdef = p;
			break;
		case DT_VERDEFNUM:
			im->verdefs = d->d_un.d_val;
			break;
		}
	}
	return im->symtab && im->strtab && im->gnu_hash;
}

static bool version_fits(const struct image *im, size_t sym, const char *want)
{
	ElfW(Half) v;
	const ElfW(Verdef) *d = im->verdef;

	if (!im->versym)
		return true;
	v = im->versym[sym];
	if (!*want || !d)
		return !(v & 0x8000); /* the default one is not hidden */
	for (size_t i = 0; i < im->verdefs; i++) {
		const ElfW(Verdaux) *a = (const void *)((const char *)d + d->vd_aux);

		if (d->vd_ndx == (v & 0x7fff))
			return strcmp(im->strtab + a->vda_name, want) == 0;
		d = (const void *)((const char *)d + d->vd_next);
	}
	return false;
}

static uint32_t gnu_hash(const char *s)
{
	uint32_t h = 5381;

	for (; *s; s++)
		h = h * 33 + (unsigned char)*s;
	return h;
}

static void *image_find(const struct image *im, const char *name, const char *version)
{
	uint32_t nbuckets = im->gnu_hash[0], first = im->gnu_hash[1], words = im->gnu_hash[2];
	const uint32_t *buckets = (const void *)((const ElfW(Addr) *)(im->gnu_hash + 4) + words),
		       *chain = buckets + nbuckets;
	uint32_t h = gnu_hash(name), i = nbuckets ? buckets[h % nbuckets] : 0;

	if (i < first)
		return NULL;
	for (;; i++) {
		const ElfW(Sym) *s = &im->symtab[i];
		uint32_t hash = chain[i - first];

		if ((hash | 1) == (h | 1) && s->st_shndx != SHN_UNDEF &&
		    strcmp(im->strtab + s->st_name, name) == 0 && version_fits(im, i, version)) {
			void *at = (void *)(im->bias + s->st_value);

			return ELF64_ST_TYPE(s->st_info) == STT_GNU_IFUNC ? ((void *(*)(void))at)()
									  : at;
		}
		if (hash & 1)
			return NULL;
	}
}

struct search {
	const char *name, *version; /* one symbol; or name NULL: all rows that are empty */
	void *found;
	bool behind_us;
	int missing;
};

static bool is_us(const struct dl_phdr_info *info)
{
	uintptr_t at = (uintptr_t)&real;

	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    at - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr < info->dlpi_phdr[i].p_memsz)
			return true;
	return false;
}

static int search_module(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *s = data;
	struct image im;

	(void)size;
	if (is_us(info)) {
		s->behind_us = true;
		return 0;
	}
	if (!image_read(&im, info) || (info->dlpi_name && strstr(info->dlpi_name, "linux-vdso")))
		return 0;
	if (s->name) {
		s->found = image_find(&im, s->name, s->version);
		return s->found != NULL;
	}
	if (!s->behind_us)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!*rows[i].at)
			*rows[i].at = image_find(&im, rows[i].name, rows[i].version);
	return 0;
}

int real_resolve(void)
{
	struct search s = {0};

	dl_iterate_phdr(search_module, &s);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		s.missing += !*rows[i].at;
	return s.missing;
}

void *real_find(const char *name, const char *version)
{
	struct search s = {.name = name, .version = version};

	dl_iterate_phdr(search_module, &s);
	return s.found;
}

struct binding {
	uintptr_t addr;
	const char *name, *version;
	bool found;
};

static bool needs_version(const struct image *im, const ElfW(Dyn) * d, unsigned index,
			  const char *version)
{
	const ElfW(Verneed) *n = NULL;

	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_VERNEED)
			n = (const void *)absolute(im->bias, d->d_un.d_ptr);
	while (n) {
		const ElfW(Vernaux) *a = (const void *)((const char *)n + n->vn_aux);

		for (unsigned i = 0; i < n->vn_cnt;
		     i++, a = (const void *)((const char *)a + a->vna_next))
			if (a->vna_other == index)
				return strcmp(im->strtab + a->vna_name, version) == 0;
		n = n->vn_next ? (const void *)((const char *)n + n->vn_next) : NULL;
	}
	return false;
}

static int binding_in(struct dl_phdr_info *info, size_t size, void *data)
{
	struct binding *b = data;
	const ElfW(Dyn) *d = NULL;
	struct image im;
	bool here = false;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		here |= p->p_type == PT_LOAD && b->addr - info->dlpi_addr - p->p_vaddr < p->p_memsz;
		if (p->p_type == PT_DYNAMIC)
			d = (const void *)(info->dlpi_addr + p->p_vaddr);
	}
	if (!here)
		return 0;
	if (!d || !image_read(&im, info) || !im.versym)
		return 1;
	for (uint32_t i = 1; i < im.gnu_hash[1]; i++) /* what isn't hashed: imports */
		if (im.symtab[i].st_shndx == SHN_UNDEF &&
		    strcmp(im.strtab + im.symtab[i].st_name, b->name) == 0)
			b->found |= needs_version(&im, d, im.versym[i] & 0x7fff, b->version);
	return 1;
}

bool real_binds(uintptr_t addr, const char *name, const char *version)
{
	struct binding b = {.addr = addr, .name = name, .version = version};

	dl_iterate_phdr(binding_in, &b);
	return b.found;
}
