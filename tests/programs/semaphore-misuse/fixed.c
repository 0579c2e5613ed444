/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A limit that is kept, and two processes with a semaphore made for them. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t places;

static void *guest(void *arg)
{
	for (int i = 0; i < 100; i++) {
		sem_wait(&places);
		sem_post(&places);
	}
	return arg;
}

int main(void)
{
	sem_t *done =
	    mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_t t[3];

	sem_init(&places, 0, 2);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, guest, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	sem_destroy(&places);
	sem_init(done, 1, 0);
	if (fork() == 0) {
		sem_post(done);
		_exit(0);
	}
	sem_wait(done);
	sem_destroy(done);
	return wait(NULL) < 0;
}
