/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <pthread.h>
#include "junk.h"

int main(void)
{
	pthread_rwlock_t *l = junk(sizeof(*l));

	pthread_rwlock_tryrdlock(l);
	free(l);
	return 0;
}
