/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Two threads that live at the same time; they take turns at a third lock, as it happens to come.
 */
#include "orders.h"

static pthread_mutex_t statistics = PTHREAD_MUTEX_INITIALIZER;
static int done;

static void count(void)
{
	pthread_mutex_lock(&statistics);
	done++;
	pthread_mutex_unlock(&statistics);
}

static void *first(void *arg)
{
	a_then_b(NULL);
	count();
	chance_has_it();
	return arg;
}

static void *second(void *arg)
{
	by_chance_after(1);
	count();
	b_then_a(NULL);
	return arg;
}

int main(void)
{
	pthread_t t[2];

	pthread_create(&t[0], NULL, first, NULL);
	pthread_create(&t[1], NULL, second, NULL);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	return done != 2;
}
