/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Nobody destroys them, but each lies in memory of its own: blocks, mappings, frames, a realloc. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static int use(pthread_mutex_t *m)
{
	pthread_mutex_init(m, NULL);
	pthread_mutex_lock(m);
	return pthread_mutex_unlock(m);
}

static __attribute__((noinline)) int on_the_stack(void)
{
	pthread_mutex_t m;

	return use(&m);
}
static __attribute__((noinline)) int deeper(int n)
{
	volatile char room[64] = {0};

	return n ? deeper(n - 1) + room[n] : on_the_stack();
}

static void *thread(void *arg)
{
	pthread_mutex_t m;

	use(&m);
	return arg;
}

int main(void)
{
	for (int i = 0; i < 50; i++) {
		pthread_mutex_t *m = malloc(sizeof(*m));
		pthread_t t;

		use(m);
		if (i & 1)
			m = realloc(m, 1 << 18);
		free(m);
		m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		use(m);
		munmap(m, 4096);
		on_the_stack();
		deeper(i % 4);
		pthread_create(&t, NULL, thread, NULL);
		pthread_join(t, NULL);
	}
	return 0;
}
