/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <threads.h>
#include "junk.h"

int main(void)
{
	mtx_t *m = junk(sizeof(*m));
	int rc;

	memset(m, 0, 4);
	rc = mtx_lock(m);
	free(m);
	return rc == thrd_success;
}
