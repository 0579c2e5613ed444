/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Each is destroyed or closed; some live as long as the process; some had a static initialiser. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t for_life;

static int one(void)
{
	pthread_mutex_t *m = malloc(sizeof(*m));
	pthread_cond_t fixed = PTHREAD_COND_INITIALIZER;
	int rc;

	pthread_mutex_init(m, NULL);
	rc = pthread_mutex_lock(m) + pthread_cond_signal(&fixed) + pthread_mutex_unlock(m);
	rc += pthread_mutex_destroy(m);
	free(m);
	return rc;
}

static int named(const char *name)
{
	sem_t *a = sem_open(name, O_CREAT, 0600, 1), *b = sem_open(name, 0);
	int rc = a == SEM_FAILED || a != b;

	rc += sem_wait(a);
	rc += sem_post(b);
	return rc + sem_close(a) + sem_close(b);
}

int main(void)
{
	char name[64];
	int bad = 0;

	snprintf(name, sizeof(name), "/pitfall-near-%d", (int)getpid());
	pthread_mutex_init(&for_life, NULL);
	for (int i = 0; i < 20; i++)
		bad += one() + named(name);
	return sem_unlink(name) + bad;
}
