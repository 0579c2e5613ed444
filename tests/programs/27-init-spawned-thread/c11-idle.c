/* SPDX-License-Identifier: MIT */
/* expect: init-spawned-thread note */
/* A C11 thread of a constructor waits for work that never comes: idle, a note. */
#include <threads.h>

static mtx_t lock;
static cnd_t work;
static int waiting, jobs;

static int worker(void *arg)
{
	(void)arg;
	mtx_lock(&lock);
	for (;; jobs--) {
		waiting = 1;
		while (!jobs)
			cnd_wait(&work, &lock);
	}
	return 0;
}

__attribute__((constructor)) static void start(void)
{
	thrd_t thread;

	mtx_init(&lock, mtx_plain);
	cnd_init(&work);
	thrd_create(&thread, worker, NULL);
}

int main(void)
{
	int ready = 0;

	while (!ready) {
		mtx_lock(&lock);
		ready = waiting;
		mtx_unlock(&lock);
	}
	return 0;
}
