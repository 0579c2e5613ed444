/* SPDX-License-Identifier: MIT */
/*
 * ELF images in memory. Owns no state. Called by modules.c only. Signal-safe.
 * The images are what the loader mapped and accepted; still, nothing outside start..end is read.
 */
#include "base/elf_image.h"

#include <errno.h>
#include <string.h>

static void notes_read(struct elf_image *img, uintptr_t at, size_t size)
{
	if (at < img->start || at > img->end || size > img->end - at)
		return;
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *n = (const void *)at;
		size_t name = (n->n_namesz + 3u) & ~3ul, desc = (n->n_descsz + 3u) & ~3ul;
		size_t whole = sizeof(*n) + name + desc;

		if (whole > size)
			return;
		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && !memcmp(n + 1, "GNU", 4)) {
			img->build_id = (const uint8_t *)(n + 1) + name;
			img->build_id_len = n->n_descsz;
			return;
		}
		at += whole;
		size -= whole;
	}
}

static void load_read(struct elf_image *img, const ElfW(Phdr) * ph)
{
	uintptr_t lo = img->bias + ph->p_vaddr, hi = lo + ph->p_memsz;

	if (img->end == 0 || lo < img->start)
		img->start = lo;
	if (hi > img->end)
		img->end = hi;
	if (!(ph->p_flags & PF_X))
		return;
	if (img->text_end == 0 || lo < img->text_start)
		img->text_start = lo;
	if (hi > img->text_end)
		img->text_end = hi;
}

void elf_image_read(struct elf_image *img, uintptr_t bias, const ElfW(Phdr) * ph, unsigned phnum)
{
	memset(img, 0, sizeof(*img));
	img->bias = bias;
	for (unsigned i = 0; i < phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			load_read(img, &ph[i]);
	for (unsigned i = 0; i < phnum; i++) {
		uintptr_t at = bias + ph[i].p_vaddr;

		if (ph[i].p_type == PT_GNU_EH_FRAME)
			img->eh_frame_hdr = (const uint8_t *)at;
		else if (ph[i].p_type == PT_DYNAMIC)
			img->dynamic = (const void *)at;
		else if (ph[i].p_type == PT_NOTE && !img->build_id)
			notes_read(img, at, ph[i].p_memsz);
	}
}

int elf_image_read_at(struct elf_image *img, uintptr_t start, uintptr_t bias)
{
	const ElfW(Ehdr) *eh = (const void *)start;

	if (memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 || eh->e_phentsize != sizeof(ElfW(Phdr)) ||
	    eh->e_phoff > 4096 - sizeof(ElfW(Phdr)) ||
	    eh->e_phnum > (4096 - eh->e_phoff) / sizeof(ElfW(Phdr)))
		return -ENOEXEC;
	elf_image_read(img, bias, (const void *)(start + eh->e_phoff), eh->e_phnum);
	return 0;
}

/* Values of the dynamic section are relocated by glibc in some images (ld.so), not in others. */
static const void *dynamic_ptr(const struct elf_image *img, ElfW(Sxword) tag)
{
	for (const ElfW(Dyn) *d = img->dynamic; d && d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag) {
			uintptr_t at = d->d_un.d_ptr;

			at = at < img->start ? at + img->bias : at;
			return at >= img->start && at < img->end ? (const void *)at : NULL;
		}
	return NULL;
}

static uint32_t gnu_hash(const char *s)
{
	uint32_t h = 5381;

	for (; *s; s++)
		h = h * 33 + (unsigned char)*s;
	return h;
}

static bool str_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

uintptr_t elf_image_symbol(const struct elf_image *img, const char *name)
{
	const uint32_t *hash = dynamic_ptr(img, DT_GNU_HASH);
	const ElfW(Sym) *syms = dynamic_ptr(img, DT_SYMTAB);
	const char *strings = dynamic_ptr(img, DT_STRTAB);
	uint32_t h = gnu_hash(name);

	if (!hash || !syms || !strings || hash[0] == 0)
		return 0;

	/* hash[]: number of buckets, first symbol, bloom words, bloom shift; bloom; buckets; chain
	 */
	const uint32_t *buckets = hash + 4 + hash[2] * (sizeof(ElfW(Addr)) / 4);
	const uint32_t *chain = buckets + hash[0];
	uint32_t i = buckets[h % hash[0]];

	if (i < hash[1])
		return 0;
	for (;; i++) {
		uint32_t c = chain[i - hash[1]];

		if ((c | 1) == (h | 1) && syms[i].st_shndx != SHN_UNDEF &&
		    str_same(strings + syms[i].st_name, name))
			return img->bias + syms[i].st_value;
		if (c & 1)
			return 0;
	}
}
