/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
/* The lock word happens to be zero: the call comes back with an error that nobody reads. */
#include <pthread.h>
#include "junk.h"

int main(void)
{
	pthread_mutex_t *m = junk(sizeof(*m));
	int rc;

	memset(m, 0, 4);
	rc = pthread_mutex_lock(m);
	pthread_mutex_unlock(m);
	free(m);
	return !rc;
}
