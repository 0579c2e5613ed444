/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use warning */
/* Freed by the one who holds it, and who is the last user: nobody is hurt, but for the habit. */
#include <pthread.h>
#include <stdlib.h>

struct object {
	int refs;
	pthread_mutex_t lock;
};

static void put(struct object *o)
{
	pthread_mutex_lock(&o->lock);
	if (--o->refs == 0) {
		free(o);
		return;
	}
	pthread_mutex_unlock(&o->lock);
}

int main(void)
{
	struct object *o = malloc(sizeof(*o));

	o->refs = 2;
	pthread_mutex_init(&o->lock, NULL);
	put(o);
	put(o);
	return 0;
}
