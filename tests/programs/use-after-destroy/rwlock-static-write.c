/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* An atexit handler writes under a lock that main has destroyed. */
#include <pthread.h>
#include <stdlib.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int saved;

static void save(void)
{
	pthread_rwlock_wrlock(&lock);
	saved++;
	pthread_rwlock_unlock(&lock);
}

int main(void)
{
	atexit(save);
	save();
	pthread_rwlock_destroy(&lock);
	return 0;
}
