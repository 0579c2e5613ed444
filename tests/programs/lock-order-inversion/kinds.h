/* SPDX-License-Identifier: MIT */
/* Sessions with a lock each, and the table that has them all. */
#ifndef KINDS_H
#define KINDS_H

#include <stdlib.h>

#include "orders.h"

struct session {
	int id, ready;
	pthread_mutex_t lock;
	struct session *next;
};
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static inline struct session *session_new(int id)
{
	struct session *s = calloc(1, sizeof(*s));

	s->id = id;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}
static inline void session_free(struct session *s)
{
	pthread_mutex_destroy(&s->lock);
	free(s);
}
/* A request ends: its session, then the table. */
static inline void *end_request(void *arg)
{
	struct session *s = arg;

	pthread_mutex_lock(&s->lock);
	pthread_mutex_lock(&table);
	pthread_mutex_unlock(&table);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
/* The clock ticks: the table, then a session in it. */
static inline void *expire(void *arg)
{
	struct session *s = arg;

	pthread_mutex_lock(&table);
	pthread_mutex_lock(&s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_unlock(&table);
	return NULL;
}

#endif
