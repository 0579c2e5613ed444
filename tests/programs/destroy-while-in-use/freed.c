/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* The session is freed while another thread is in the middle of it. */
#include <pthread.h>
#include <stdlib.h>

struct session {
	pthread_mutex_t lock;
	int bytes;
};

static struct session *s;
static pthread_barrier_t turn;

static void *sends(void *arg)
{
	pthread_mutex_lock(&s->lock);
	s->bytes++;
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	return arg; /* it would write into what is somebody else's now */
}

int main(void)
{
	pthread_t t;

	s = malloc(sizeof(*s));
	s->bytes = 0;
	pthread_mutex_init(&s->lock, NULL);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, sends, NULL);
	pthread_barrier_wait(&turn);
	free(s);
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&turn);
	return 0;
}
