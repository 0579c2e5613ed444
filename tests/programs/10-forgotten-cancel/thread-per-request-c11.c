/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* C11: a thread for each request, with a timerfd that it only looks at; the thread ends, the
 * descriptor stays. */
#include <sys/timerfd.h>
#include <threads.h>
#include <time.h>

enum { REQUESTS = 16 };

static int late(int deadline)
{
	struct itimerspec left;

	return timerfd_gettime(deadline, &left) || !left.it_value.tv_sec;
}

static int serve(void *arg)
{
	struct itimerspec in_20_s = {.it_value.tv_sec = 20};
	int deadline = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	(void)arg;
	if (deadline < 0 || timerfd_settime(deadline, 0, &in_20_s, NULL))
		return 1;
	thrd_sleep(&(struct timespec){.tv_nsec = 300000}, NULL);
	return late(deadline);
}

int main(void)
{
	thrd_t t[REQUESTS];
	int bad = 0, rc;

	for (int i = 0; i < REQUESTS; i++)
		if (thrd_create(&t[i], serve, NULL) != thrd_success)
			return 2;
	for (int i = 0; i < REQUESTS; i++) {
		thrd_join(t[i], &rc);
		bad += rc;
	}
	return bad;
}
