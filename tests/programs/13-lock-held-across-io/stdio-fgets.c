/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* stdio hides the read: fgets() on a pipe under the lock. */
#include "peer.h"
#include <fcntl.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t writing, reading;
static int lines, looks;

static void *writer_main(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&reading);
		sem_post(&writing);
		sleep_ms(SLOW_MS);
		dprintf(*(int *)arg, "line %d\n", i);
	}
	return NULL;
}

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&writing);
		pthread_mutex_lock(&lock);
		looks += lines > i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void read_line(FILE *stream)
{
	char line[32];

	pthread_mutex_lock(&lock);
	sem_post(&reading);
	die_unless(fgets(line, sizeof(line), stream) != NULL, "fgets");
	lines++;
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pthread_t writer, observer;
	int ends[2];

	die_unless(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
	die_unless(sem_init(&writing, 0, 0) == 0 && sem_init(&reading, 0, 0) == 0, "sem_init");
	FILE *stream = fdopen(ends[0], "r");
	die_unless(stream != NULL, "fdopen");
	die_unless(pthread_create(&writer, NULL, writer_main, &ends[1]) == 0, "pthread_create");
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++)
		read_line(stream);
	pthread_join(writer, NULL);
	pthread_join(observer, NULL);
	fclose(stream);
	close(ends[1]);
	sem_destroy(&writing);
	sem_destroy(&reading);
	return lines != ROUNDS || looks != ROUNDS;
}
