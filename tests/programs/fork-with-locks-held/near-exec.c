/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Children that exec, exit, try, or wait with a limit; and a lock that the parent does give back,
 * for it is shared. */
#include <errno.h>
#include <sys/mman.h>
#include "fork.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *shared;

static void *holds(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_lock(shared);
	fork_wait();
	pthread_mutex_unlock(shared);
	pthread_mutex_unlock(&lock);
	return arg;
}

static int tries(void)
{
	struct timespec soon;

	if (pthread_mutex_trylock(&lock) != EBUSY)
		return 1;
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 50000000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	if (pthread_mutex_timedlock(&lock, &soon) != ETIMEDOUT)
		return 1;
	pthread_mutex_lock(shared);
	pthread_mutex_unlock(shared);
	return 0;
}

static int executes(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static int exits(void)
{
	return 0;
}

int main(void)
{
	pthread_mutexattr_t a;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(shared, &a);
	pthread_mutexattr_destroy(&a);
	return fork_and_pass(holds, tries) || fork_and_pass(holds, executes) ||
	       fork_and_pass(holds, exits);
}
