/* SPDX-License-Identifier: MIT */
/* expect: failed-call note */
/* A time whose nanoseconds are a whole second: thrd_error, and nobody waits. */
#include <threads.h>

static mtx_t lock;
static cnd_t more;

int main(void)
{
	struct timespec past_it = {.tv_sec = 1, .tv_nsec = 1000000000};
	int rc;

	mtx_init(&lock, mtx_plain);
	cnd_init(&more);
	mtx_lock(&lock);
	rc = cnd_timedwait(&more, &lock, &past_it);
	mtx_unlock(&lock);
	cnd_destroy(&more);
	mtx_destroy(&lock);
	return rc != thrd_error;
}
