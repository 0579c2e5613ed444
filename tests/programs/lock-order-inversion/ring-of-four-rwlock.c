/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Four locks of three kinds, four places. */
#include "orders.h"

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER, index_ = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t count;

static void *look_up(void *arg)
{
	pthread_rwlock_rdlock(&table);
	pthread_rwlock_wrlock(&index_);
	pthread_rwlock_unlock(&index_);
	pthread_rwlock_unlock(&table);
	chance_has_it();
	return arg;
}
static void *rebuild(void *arg)
{
	by_chance_after(1);
	pthread_rwlock_rdlock(&index_);
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_rwlock_unlock(&index_);
	chance_has_it();
	return arg;
}
static void *account(void *arg)
{
	by_chance_after(2);
	pthread_mutex_lock(&a);
	pthread_spin_lock(&count);
	pthread_spin_unlock(&count);
	pthread_mutex_unlock(&a);
	chance_has_it();
	return arg;
}
static void *drop(void *arg)
{
	by_chance_after(3);
	pthread_spin_lock(&count);
	pthread_rwlock_wrlock(&table);
	pthread_rwlock_unlock(&table);
	pthread_spin_unlock(&count);
	return arg;
}

int main(void)
{
	void *(*place[])(void *) = {look_up, rebuild, account, drop};
	pthread_t t[4];

	pthread_spin_init(&count, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, place[i], NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	pthread_spin_destroy(&count);
	return 0;
}
