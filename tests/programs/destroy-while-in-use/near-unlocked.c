/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Unlocked, then destroyed and freed at once, by others than its last holder; waiters were woken
 * and have left; a forked child gives back what its parent's thread holds; a shared mapping goes
 * while another process holds what is in it. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct object {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_rwlock_t rw;
	int ready;
};

static void *works(void *arg)
{
	struct object *o = arg;

	pthread_rwlock_rdlock(&o->rw);
	pthread_rwlock_unlock(&o->rw);
	pthread_mutex_lock(&o->lock);
	o->ready = 1;
	pthread_cond_signal(&o->cond);
	pthread_mutex_unlock(&o->lock); /* may not have returned when it is freed */
	return NULL;
}

static void one(int destroy)
{
	struct object *o = calloc(1, sizeof(*o));
	pthread_t t;

	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->cond, NULL);
	pthread_rwlock_init(&o->rw, NULL);
	pthread_create(&t, NULL, works, o);
	pthread_mutex_lock(&o->lock);
	while (!o->ready)
		pthread_cond_wait(&o->cond, &o->lock);
	pthread_mutex_unlock(&o->lock);
	if (destroy) {
		pthread_mutex_destroy(&o->lock);
		pthread_cond_destroy(&o->cond);
		pthread_rwlock_destroy(&o->rw);
	} else {
		pthread_join(t, NULL);
	}
	free(o);
	if (destroy)
		pthread_join(t, NULL);
}

static struct object *global;
static sem_t held, done;

static void *holds(void *arg)
{
	pthread_mutex_lock(&global->lock);
	sem_post(&held);
	sem_wait(&done);
	pthread_mutex_unlock(&global->lock);
	return arg;
}

static int forked(void)
{
	pthread_t t;
	int status;
	pid_t pid;

	global = calloc(1, sizeof(*global));
	pthread_mutex_init(&global->lock, NULL);
	sem_init(&held, 0, 0);
	sem_init(&done, 0, 0);
	pthread_create(&t, NULL, holds, NULL);
	sem_wait(&held);
	pid = fork();
	if (pid == 0) {
		free(global);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	sem_post(&done);
	pthread_join(t, NULL);
	pthread_mutex_destroy(&global->lock);
	free(global);
	return status;
}

static int shared(void)
{
	pthread_mutex_t *m =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t a;
	int status;
	pid_t pid;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &a);
	pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(m);
		munmap(m, 4096);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	munmap(m, 4096);
	return status;
}

int main(void)
{
	for (int i = 0; i < 200; i++)
		one(i & 1);
	return forked() + shared();
}
