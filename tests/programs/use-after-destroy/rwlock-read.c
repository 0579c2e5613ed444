/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* Nothing shows in the bytes of an rwlock that nobody wrote under: it is read-locked after its
 * destroy all the same. */
#include <pthread.h>

struct table {
	pthread_rwlock_t lock;
	int rows;
};

static int look(struct table *t)
{
	int n;

	pthread_rwlock_rdlock(&t->lock);
	n = t->rows;
	pthread_rwlock_unlock(&t->lock);
	return n;
}

int main(void)
{
	struct table t = {.rows = 3};

	pthread_rwlock_init(&t.lock, NULL);
	look(&t);
	pthread_rwlock_destroy(&t.lock);
	return look(&t) - 3;
}
