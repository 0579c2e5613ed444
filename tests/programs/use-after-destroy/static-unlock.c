/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* A mutex with a static initialiser, destroyed by the clean-up and unlocked by the error path
 * behind it. */
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void cleanup(void)
{
	pthread_mutex_unlock(&lock);
	pthread_mutex_destroy(&lock);
}

int main(void)
{
	pthread_mutex_lock(&lock);
	cleanup();
	return pthread_mutex_unlock(&lock) == EINVAL ? 0 : 1;
}
