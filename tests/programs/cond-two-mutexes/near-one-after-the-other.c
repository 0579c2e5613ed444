/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The condition variable changes its mutex when nobody waits any more; then it dies and another one
 * lives at its address. The waiter that was woken may be on its way out still. */
#include "pair.h"

enum { ROUNDS = 50 };

static pthread_mutex_t lock[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void by_turns(void)
{
	pthread_t t[ROUNDS];
	struct waiter w[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		w[i] = (struct waiter){&lock[i % 2], &changed, 0, 0};
		t[i] = waiting(&w[i]);
		let_go(&w[i]);
	}
	for (int i = 0; i < ROUNDS; i++)
		pthread_join(t[i], NULL);
}

static void reborn(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct waiter w = {&lock[i % 2], &changed, 0, 0};
		pthread_t t;

		pthread_cond_init(&changed, NULL);
		t = waiting(&w);
		let_go(&w);
		pthread_cond_destroy(&changed);
		pthread_join(t, NULL);
	}
}

int main(void)
{
	by_turns();
	pthread_cond_destroy(&changed);
	reborn();
	return 0;
}
