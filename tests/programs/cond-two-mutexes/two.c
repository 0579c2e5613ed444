/* SPDX-License-Identifier: MIT */
/* expect: cond-two-mutexes error */
/* Two queues have a lock each and share one condition variable. */
#include "pair.h"

static pthread_mutex_t in_lock = PTHREAD_MUTEX_INITIALIZER, out_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

int main(void)
{
	struct waiter in = {&in_lock, &changed, 0, 0}, out = {&out_lock, &changed, 0, 0};
	pthread_t a = waiting(&in), b = waiting(&out);

	let_go(&in);
	let_go(&out);
	return pthread_join(a, NULL) || pthread_join(b, NULL);
}
