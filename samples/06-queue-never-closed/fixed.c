/* SPDX-License-Identifier: MIT */
/*
 * A collector of measurements: for each batch a storer of its own takes the rows from a queue.
 * When all rows are sent the queue is closed, and the storer joined.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCHES 4
#define ROWS	5
#define ROOM	2

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t more, room, drained;
	int row[ROOM], n, closed;
	int stored; /* rows the storer is done with */
	long sum;
};

static void queue_put(struct queue *q, int row)
{
	pthread_mutex_lock(&q->lock);
	while (q->n == ROOM)
		pthread_cond_wait(&q->room, &q->lock);
	q->row[q->n++] = row;
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

/* Takes the next row, when the one before is done with. */
static int queue_get(struct queue *q, int *row, int done)
{
	int got = 0;

	pthread_mutex_lock(&q->lock);
	if (done) {
		q->stored++;
		pthread_cond_signal(&q->drained);
	}
	while (q->n == 0 && !q->closed)
		pthread_cond_wait(&q->more, &q->lock);
	if (q->n > 0) {
		*row = q->row[--q->n];
		pthread_cond_signal(&q->room);
		got = 1;
	}
	pthread_mutex_unlock(&q->lock);
	return got;
}

static void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = 1;
	pthread_cond_broadcast(&q->more);
	pthread_mutex_unlock(&q->lock);
}

static void queue_flush(struct queue *q, int rows)
{
	pthread_mutex_lock(&q->lock);
	while (q->stored < rows)
		pthread_cond_wait(&q->drained, &q->lock);
	pthread_mutex_unlock(&q->lock);
}

static void *storer(void *arg)
{
	struct queue *q = arg;
	int row, done = 0;

	while (queue_get(q, &row, done)) {
		q->sum += row;
		done = 1;
	}
	return NULL;
}

static long store_batch(int batch)
{
	struct queue *q = calloc(1, sizeof(*q));
	pthread_t thread;
	long sum;

	if (!q)
		exit(1);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	pthread_cond_init(&q->room, NULL);
	pthread_cond_init(&q->drained, NULL);
	if (pthread_create(&thread, NULL, storer, q) != 0)
		exit(1);
	for (int i = 0; i < ROWS; i++)
		queue_put(q, 10 * batch + i);
	queue_flush(q, ROWS);
	queue_close(q);
	pthread_join(thread, NULL);
	sum = q->sum;
	pthread_cond_destroy(&q->drained);
	pthread_cond_destroy(&q->room);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	free(q);
	return sum;
}

int main(void)
{
	long total = 0;

	for (int b = 0; b < BATCHES; b++)
		total += store_batch(b);
	printf("%d rows stored, sum %ld\n", BATCHES * ROWS, total);
	return 0;
}
