/* SPDX-License-Identifier: MIT */
/*
 * Reading an ELF image that is mapped in this process: its segments, notes, one exported symbol.
 * Called by modules.c. Signal-safe: reads memory, calls nothing.
 */
#ifndef PITFALL_BASE_ELF_IMAGE_H
#define PITFALL_BASE_ELF_IMAGE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct elf_image {
	uintptr_t bias;
	uintptr_t start, end;
	uintptr_t text_start, text_end;
	const uint8_t *eh_frame_hdr;
	const ElfW(Dyn) * dynamic;
	const uint8_t *build_id; /* in the image */
	unsigned build_id_len;
};

void elf_image_read(struct elf_image *img, uintptr_t bias, const ElfW(Phdr) * ph, unsigned phnum);
/* By the ELF header at the start of the mapping. -ENOEXEC if there is none. */
int elf_image_read_at(struct elf_image *img, uintptr_t start, uintptr_t bias);
/* Address of an exported function, whatever its version; 0 if there is none (or no DT_GNU_HASH). */
uintptr_t elf_image_symbol(const struct elf_image *img, const char *name);

#endif
