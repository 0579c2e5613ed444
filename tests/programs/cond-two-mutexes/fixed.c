/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One condition variable for each lock. */
#include "pair.h"

static pthread_mutex_t in_lock = PTHREAD_MUTEX_INITIALIZER, out_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t in_changed = PTHREAD_COND_INITIALIZER, out_changed = PTHREAD_COND_INITIALIZER;

int main(void)
{
	struct waiter in = {&in_lock, &in_changed, 0, 0}, out = {&out_lock, &out_changed, 0, 0};
	pthread_t a = waiting(&in), b = waiting(&out);

	let_go(&in);
	let_go(&out);
	return pthread_join(a, NULL) || pthread_join(b, NULL);
}
