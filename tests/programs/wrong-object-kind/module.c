/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* A static mutex, made by its init call, is read-locked through a table of untyped locks. */
#include <pthread.h>
#include <stddef.h>

static struct {
	pthread_mutex_t lock;
	long room[8];
} index_, data;
static struct {
	void *lock;
} table[2] = {{&index_.lock}, {&data.lock}};

static void read_all(void)
{
	for (size_t i = 0; i < 2; i++) {
		if (i == 0)
			continue; /* that one was turned into an rwlock */
		pthread_rwlock_rdlock(table[i].lock);
		pthread_rwlock_unlock(table[i].lock);
	}
}

int main(void)
{
	pthread_rwlock_init(table[0].lock, NULL);
	pthread_mutex_init(&data.lock, NULL);
	read_all();
	return 0;
}
