/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Two threads that live at the same time; that one had finished was only told by a lock and a flag.
 */
#include "orders.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *first(void *arg)
{
	a_then_b(NULL);
	pthread_mutex_lock(&lock);
	turn = 1;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock);
	while (!turn)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
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
	return 0;
}
