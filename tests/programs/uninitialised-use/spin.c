/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <pthread.h>
#include "junk.h"

int main(void)
{
	pthread_spinlock_t *l = junk(sizeof(*l));

	pthread_spin_trylock(l);
	free((void *)l);
	return 0;
}
