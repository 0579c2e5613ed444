/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* Many threads call strtok(), localtime() and gethostbyname(), each after the one before was
 * joined; main before and after. A thread that lives all along calls none of it. */
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

static pthread_barrier_t end;

static void *lives(void *arg)
{
	pthread_barrier_wait(&end);
	return arg;
}

static void *job(void *arg)
{
	char line[] = "a b c";
	time_t now = time(NULL);

	strtok(line, " ");
	strtok(NULL, " ");
	localtime(&now);
	gethostbyname("127.0.0.1");
	return arg;
}

int main(void)
{
	pthread_t l, t;

	pthread_barrier_init(&end, NULL, 2);
	pthread_create(&l, NULL, lives, NULL);
	job(NULL);
	for (int i = 0; i < 20; i++) {
		pthread_create(&t, NULL, job, NULL);
		pthread_join(t, NULL);
	}
	job(NULL);
	pthread_barrier_wait(&end);
	pthread_join(l, NULL);
	pthread_barrier_destroy(&end);
	return 0;
}
