/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* As many files open at once from one site, but each by a thread of its own that closes it. */
#include "files.h"
#include <pthread.h>

#define READERS 70

static pthread_barrier_t all_open;

static void *reader_main(void *arg)
{
	int number = *(int *)arg;
	char name[16];
	int fd = open(file_name(name, number), O_RDONLY | O_CLOEXEC);

	die_unless(fd >= 0, name);
	pthread_barrier_wait(&all_open);
	die_unless(read_number(fd) == number, "content");
	close(fd);
	return NULL;
}

int main(void)
{
	pthread_t readers[READERS];
	int numbers[READERS];
	pthread_attr_t attr;

	limit_descriptors(512);
	scratch_enter(READERS);
	pthread_barrier_init(&all_open, NULL, READERS);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (int i = 0; i < READERS; i++) {
		numbers[i] = i;
		die_unless(pthread_create(&readers[i], &attr, reader_main, &numbers[i]) == 0,
			   "thread");
	}
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	pthread_attr_destroy(&attr);
	pthread_barrier_destroy(&all_open);
	scratch_leave();
	return 0;
}
