/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Destroyed and given back; the next owner of the memory has objects at the same address that only
 * zeros or an initialiser's bytes have made. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct object {
	pthread_rwlock_t rwlock;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_spinlock_t spin;
};

static int use(struct object *o)
{
	pthread_rwlock_rdlock(&o->rwlock);
	pthread_rwlock_unlock(&o->rwlock);
	pthread_mutex_lock(&o->mutex);
	pthread_cond_signal(&o->cond);
	return pthread_mutex_unlock(&o->mutex);
}

static void end(struct object *o)
{
	pthread_rwlock_destroy(&o->rwlock);
	pthread_mutex_destroy(&o->mutex);
	pthread_cond_destroy(&o->cond);
}

static int on_heap(void)
{
	struct object *o = calloc(1, sizeof(*o)), *p;
	int same;

	pthread_rwlock_init(&o->rwlock, NULL);
	pthread_mutex_init(&o->mutex, NULL);
	pthread_cond_init(&o->cond, NULL);
	pthread_spin_init(&o->spin, 0);
	use(o);
	end(o);
	pthread_spin_destroy(&o->spin);
	free(o);
	p = malloc(sizeof(*p));
	same = p == o;
	memset(p, 0, sizeof(*p));
	use(p);
	*(volatile int *)&p->spin = 1; /* as one that was copied from another */
	pthread_spin_lock(&p->spin);
	pthread_spin_unlock(&p->spin);
	free(p);
	return same;
}

static void in_a_mapping(void)
{
	for (int i = 0; i < 3; i++) {
		struct object *o =
		    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		use(o);
		end(o);
		munmap(o, 4096);
	}
}

static __attribute__((noinline)) void on_the_stack(int how)
{
	struct object o;

	memset(&o, 0, sizeof(o));
	if (how) {
		pthread_rwlock_init(&o.rwlock, NULL);
		pthread_mutex_init(&o.mutex, NULL);
		pthread_cond_init(&o.cond, NULL);
	}
	use(&o);
	end(&o);
}

int main(void)
{
	int same = 0;

	for (int i = 0; i < 20; i++) {
		same += on_heap();
		on_the_stack(i & 1);
	}
	in_a_mapping();
	return !same;
}
