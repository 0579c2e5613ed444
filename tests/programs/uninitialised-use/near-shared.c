/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Made by another process in shared memory, before this one has seen it: waited for, held, counted.
 */
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	sem_t ready, go;
	pthread_mutex_t lock;
	pthread_rwlock_t rwlock;
	pthread_barrier_t barrier;
};

static void make(struct shared *s)
{
	pthread_mutexattr_t m;
	pthread_rwlockattr_t r;
	pthread_barrierattr_t b;

	pthread_mutexattr_init(&m);
	pthread_mutexattr_setpshared(&m, 1);
	pthread_mutexattr_setrobust(&m, 1);
	pthread_mutex_init(&s->lock, &m);
	pthread_rwlockattr_init(&r);
	pthread_rwlockattr_setpshared(&r, 1);
	pthread_rwlock_init(&s->rwlock, &r);
	pthread_barrierattr_init(&b);
	pthread_barrierattr_setpshared(&b, 1);
	pthread_barrier_init(&s->barrier, &b, 2);
	sem_init(&s->go, 1, 0);
}

int main(void)
{
	struct shared *s =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	sem_init(&s->ready, 1, 0);
	pid = fork();
	if (pid == 0) {
		make(s);
		pthread_mutex_lock(&s->lock);
		pthread_rwlock_rdlock(&s->rwlock);
		sem_post(&s->ready);
		pthread_barrier_wait(&s->barrier);
		pthread_rwlock_unlock(&s->rwlock);
		pthread_mutex_unlock(&s->lock);
		_exit(sem_wait(&s->go));
	}
	sem_wait(&s->ready);
	pthread_mutex_trylock(&s->lock);
	pthread_rwlock_rdlock(&s->rwlock);
	pthread_rwlock_unlock(&s->rwlock);
	pthread_barrier_wait(&s->barrier);
	pthread_mutex_lock(&s->lock);
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->go);
	waitpid(pid, &status, 0);
	munmap(s, 4096);
	return status;
}
