/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Either way round, but at one of the two locks only readers meet. */
#include "orders.h"

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void *one_way(void *arg)
{
	pthread_rwlock_rdlock(&table);
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_rwlock_unlock(&table);
	chance_has_it();
	return arg;
}
static void *other_way(void *arg)
{
	by_chance_after(1);
	pthread_mutex_lock(&a);
	pthread_rwlock_rdlock(&table);
	pthread_rwlock_unlock(&table);
	pthread_mutex_unlock(&a);
	chance_has_it();
	return arg;
}

int main(void)
{
	pthread_t t, u;

	pthread_create(&t, NULL, one_way, NULL);
	pthread_create(&u, NULL, other_way, NULL);
	by_chance_after(2);
	pthread_rwlock_wrlock(&table); /* a writer elsewhere, alone */
	pthread_rwlock_unlock(&table);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	return 0;
}
