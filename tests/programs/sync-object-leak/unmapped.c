/* SPDX-License-Identifier: MIT */
/* expect: sync-object-leak note */
/* Objects in mappings that go without a destroy. */
#include <pthread.h>
#include <sys/mman.h>

static int session(void)
{
	pthread_rwlock_t *l =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	pthread_rwlock_init(l, NULL);
	pthread_rwlock_wrlock(l);
	pthread_rwlock_unlock(l);
	return munmap(l, 4096);
}

int main(void)
{
	int bad = 0;

	for (int i = 0; i < 10; i++)
		bad += session();
	return bad;
}
