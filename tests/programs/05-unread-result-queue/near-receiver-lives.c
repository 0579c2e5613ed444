/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The process ends while its writer thread still drains a full pipe, slowly: it would have come to
 * what the producer still holds. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "../stuck-thread/hang.h"

static int fd[2];
static volatile int tid;

static void *produce(void *arg)
{
	static char page[1 << 20];

	(void)arg;
	tid = own_tid();
	if (write(fd[1], page, sizeof(page)) != sizeof(page))
		exit(1);
	return NULL;
}

static void *drain(void *arg)
{
	char byte;

	(void)arg;
	while (read(fd[0], &byte, 1) == 1)
		usleep(1000);
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	if (pipe(fd) || pthread_create(&a, NULL, produce, NULL) ||
	    pthread_create(&b, NULL, drain, NULL))
		return 1;
	pthread_detach(a);
	pthread_detach(b);
	until_asleep(&tid);
	return 0;
}
