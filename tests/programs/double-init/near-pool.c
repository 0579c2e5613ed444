/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A pool of the program's own hands out the same memory again; nobody destroys, as glibc needs no
 * destroy. At most a note. */
#include <pthread.h>
#include <stdlib.h>

struct conn {
	struct conn *next;
	pthread_mutex_t lock;
};

static struct conn *unused;

static struct conn *conn_new(void)
{
	struct conn *c = unused;

	unused = c->next;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void conn_free(struct conn *c)
{
	c->next = unused;
	unused = c;
}

int main(void)
{
	struct conn *all = calloc(8, sizeof(*all));

	for (int i = 0; i < 8; i++)
		conn_free(&all[i]);
	for (int i = 0; i < 100; i++) {
		struct conn *c = conn_new();

		pthread_mutex_lock(&c->lock);
		pthread_mutex_unlock(&c->lock);
		conn_free(c);
	}
	free(all);
	return 0;
}
