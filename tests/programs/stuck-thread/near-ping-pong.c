/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* Two threads that hand over to each other without rest: whenever one looks, both seem to wait. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t there, back;
static int p[2], q[2];

static void *answers(void *arg)
{
	char c;

	for (;;) {
		sem_wait(&there);
		sem_post(&back);
		if (read(p[0], &c, 1) != 1 || write(q[1], &c, 1) != 1)
			break;
	}
	return arg;
}

static void *asks(void *arg)
{
	char c = 'c';

	for (;;) {
		sem_post(&there);
		sem_wait(&back);
		if (write(p[1], &c, 1) != 1 || read(q[0], &c, 1) != 1)
			break;
	}
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	if (pipe(p) || pipe(q))
		return 1;
	pthread_create(&a, NULL, asks, NULL);
	pthread_create(&b, NULL, answers, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
