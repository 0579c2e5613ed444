/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* The arena is unmapped under a thread that waits on a condition variable in it. */
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

struct arena {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	int waits;
};

static void *waits(void *arg)
{
	struct arena *a = arg;

	pthread_mutex_lock(&a->lock);
	a->waits = 1;
	pthread_cond_wait(&a->cond, &a->lock);
	return NULL;
}

int main(void)
{
	struct arena *a =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t t;
	int there = 0;

	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->cond, NULL);
	pthread_create(&t, NULL, waits, a);
	pthread_detach(t);
	while (!there) {
		pthread_mutex_lock(&a->lock);
		there = a->waits;
		pthread_mutex_unlock(&a->lock);
	}
	munmap(a, 4096);
	_exit(0);
}
