/* SPDX-License-Identifier: MIT */
/*
 * A search service: workers try candidates and send what they find; the first few hits are enough.
 * When it has enough, service_stop() closes the queue: from then on what is put there is dropped.
 */
#include <pthread.h>
#include <stdio.h>

#define WORKERS 3
#define ENOUGH	4
#define ROOM	2

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t more, room;
	int item[ROOM], n, closed;
};

struct service {
	struct queue results;
	pthread_mutex_t lock;
	int stop, next;
	pthread_barrier_t begun; /* each worker has a candidate */
	pthread_t worker[WORKERS];
};

static void queue_put(struct queue *q, int item)
{
	pthread_mutex_lock(&q->lock);
	while (q->n == ROOM && !q->closed)
		pthread_cond_wait(&q->room, &q->lock);
	if (!q->closed) {
		q->item[q->n++] = item;
		pthread_cond_signal(&q->more);
	}
	pthread_mutex_unlock(&q->lock);
}

static int queue_get(struct queue *q)
{
	int item;

	pthread_mutex_lock(&q->lock);
	while (q->n == 0)
		pthread_cond_wait(&q->more, &q->lock);
	item = q->item[--q->n];
	pthread_cond_signal(&q->room);
	pthread_mutex_unlock(&q->lock);
	return item;
}

static void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = 1;
	pthread_cond_broadcast(&q->room);
	pthread_mutex_unlock(&q->lock);
}

/* The next candidate, or -1 when told to stop. */
static int service_next(struct service *s)
{
	int candidate;

	pthread_mutex_lock(&s->lock);
	candidate = s->stop ? -1 : s->next++;
	pthread_mutex_unlock(&s->lock);
	return candidate;
}

static void *worker(void *arg)
{
	struct service *s = arg;
	int c = service_next(s);

	pthread_barrier_wait(&s->begun);
	for (; c >= 0; c = service_next(s))
		for (int hit = 0; hit < 4; hit++)
			queue_put(&s->results, 10 * c + hit);
	return NULL;
}

static void service_start(struct service *s)
{
	pthread_mutex_init(&s->results.lock, NULL);
	pthread_cond_init(&s->results.more, NULL);
	pthread_cond_init(&s->results.room, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_barrier_init(&s->begun, NULL, WORKERS + 1);
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&s->worker[i], NULL, worker, s);
	pthread_barrier_wait(&s->begun);
}

static void service_stop(struct service *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_mutex_unlock(&s->lock);
	queue_close(&s->results);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(s->worker[i], NULL);
}

int main(void)
{
	static struct service s;
	int hits = 0;

	service_start(&s);
	while (hits < ENOUGH)
		hits += queue_get(&s.results) >= 0;
	service_stop(&s);
	pthread_cond_destroy(&s.results.more);
	pthread_cond_destroy(&s.results.room);
	pthread_mutex_destroy(&s.results.lock);
	pthread_mutex_destroy(&s.lock);
	pthread_barrier_destroy(&s.begun);
	printf("%d hits\n", hits);
	return 0;
}
