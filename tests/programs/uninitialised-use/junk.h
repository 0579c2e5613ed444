/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

/* A block as malloc() gives it when others have used it before. */
static inline void *junk(size_t size)
{
	void *p = malloc(size);

	memset(p, 0xa5, size);
	return p;
}
