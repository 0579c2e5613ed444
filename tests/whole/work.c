/* SPDX-License-Identifier: MIT */
/* Some honest work for a bad day: threads, locks, files and stacks enough to fill a small disk.
 * Says "done" and exits with 3. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, many[3000];

static void *work(void *arg)
{
	for (int i = 0; i < 3000; i++) {
		int fd = open("/dev/null", O_RDONLY);

		pthread_mutex_lock(&lock);
		pthread_mutex_lock(&many[i]);
		pthread_mutex_unlock(&many[i]);
		pthread_mutex_unlock(&lock);
		if (fd < 0 || close(fd))
			return arg;
	}
	return NULL;
}

int main(void)
{
	pthread_t t[3];
	void *failed;

	for (int i = 0; i < 3000; i++)
		many[i] = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t[i], NULL, work, t))
			return 1;
	for (int i = 0; i < 3; i++) {
		if (pthread_join(t[i], &failed) || failed)
			return 2;
	}
	puts("done");
	return 3;
}
