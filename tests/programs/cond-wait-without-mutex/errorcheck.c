/* SPDX-License-Identifier: MIT */
/* expect: cond-wait-without-mutex error */
/* An error-checking mutex refuses the wait, and nobody looks: the loop runs hot until the flag. */
#define _GNU_SOURCE
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int left = 1000;

int main(void)
{
	while (left-- > 0)
		pthread_cond_wait(&changed, &lock);
	return 0;
}
