/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <pthread.h>
#include <time.h>
#include "junk.h"

int main(void)
{
	pthread_cond_t *c = junk(sizeof(*c));

	memset((char *)c + 16, 0, 8); /* not to hang in it */
	memset((char *)c + 24, 0, 24);
	pthread_cond_signal(c);
	free(c);
	return 0;
}
