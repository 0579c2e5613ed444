/* SPDX-License-Identifier: MIT */
/* expect: failed-call note */
/* Half a second is added to tv_nsec without a carry: from half past on the wait returns at once. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

int main(void)
{
	struct timespec ts;
	int invalid = 0;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < 100; i++) {
		clock_gettime(CLOCK_REALTIME, &ts);
		ts.tv_nsec = 600000000; /* as it is more than every other time */
		ts.tv_nsec += 500000000;
		invalid += pthread_cond_timedwait(&more, &lock, &ts) == EINVAL;
	}
	pthread_mutex_unlock(&lock);
	return invalid != 100;
}
