/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
/* The words that say who is inside are zero by chance, the rest is not. */
#include <pthread.h>
#include "junk.h"

int main(void)
{
	pthread_rwlock_t *l = junk(sizeof(*l));
	int rc;

	memset(l, 0, 16);
	memset((char *)l + 28, 0, sizeof(*l) - 28);
	rc = pthread_rwlock_rdlock(l);
	pthread_rwlock_unlock(l);
	free(l);
	return rc;
}
