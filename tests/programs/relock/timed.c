/* SPDX-License-Identifier: MIT */
/* expect: relock warning */
/* A timed lock of an error-checking mutex refuses its holder, too, who looks at the answer. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

int main(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t m;
	struct timespec now;
	int rc;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&m, &a);
	clock_gettime(CLOCK_REALTIME, &now);
	pthread_mutex_lock(&m);
	rc = pthread_mutex_timedlock(&m, &now);
	pthread_mutex_unlock(&m);
	return rc == EDEADLK ? 0 : 1;
}
