/* SPDX-License-Identifier: MIT */
/*
 * Owns: time and operations of one benchmark, and the threads that run a body together.
 * Does not know what is measured. Called from the bench_* functions, not signal-safe.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

long meter_scale(const struct meter *m, long n)
{
	n = n * (long)m->percent / 100;
	return n > 0 ? n : 1;
}

void meter_add(struct meter *m, uint64_t ns, uint64_t ops)
{
	double each = (double)ns / (double)ops;

	if (!m->batches || each < m->best)
		m->best = each;
	m->total_ns += ns;
	m->total_ops += ops;
	m->batches++;
}

void meter_loop(struct meter *m, unsigned int batches, long ops,
		void (*body)(void *state, long ops), void *state)
{
	ops = meter_scale(m, ops);
	body(state, ops);
	for (unsigned int i = 0; i < batches; i++) {
		uint64_t began = now_ns();

		body(state, ops);
		meter_add(m, now_ns() - began, (uint64_t)ops);
	}
}

/* Invariant: began and ended are written by the thread itself and read after it was joined. */
struct crew_member {
	pthread_t thread;
	unsigned int index;
	struct crew *crew;
	uint64_t began, ended;
} __attribute__((aligned(CACHE_LINE)));

struct crew {
	pthread_barrier_t start;
	void (*body)(void *state, unsigned int index, long ops);
	void *state;
	long ops;
};

/* Member i stays on the i-th CPU allowed, in turn: where the scheduler puts two threads that want
 * one lock decides whether they ever meet. Where it cannot be had, the measurement is only noisier.
 */
static void crew_pin(unsigned int index)
{
	cpu_set_t allowed, one;
	unsigned int skip;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	skip = index % (unsigned int)CPU_COUNT(&allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || skip--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static void *crew_member_main(void *arg)
{
	struct crew_member *self = arg;
	struct crew *c = self->crew;

	crew_pin(self->index);
	pthread_barrier_wait(&c->start);
	self->began = now_ns();
	c->body(c->state, self->index, c->ops);
	self->ended = now_ns();
	return NULL;
}

int crew_run(unsigned int n, long ops, void (*body)(void *state, unsigned int index, long ops),
	     void *state, uint64_t *ns)
{
	struct crew c = {.body = body, .state = state, .ops = ops};
	struct crew_member members[16];
	uint64_t first = UINT64_MAX, last = 0;
	int rc;

	if (n > sizeof(members) / sizeof(members[0]))
		abort();
	rc = pthread_barrier_init(&c.start, NULL, n);
	if (rc)
		return -rc;
	for (unsigned int i = 0; i < n; i++) {
		members[i].index = i;
		members[i].crew = &c;
		/* those already born wait at the barrier for this one: there is no going on */
		if (pthread_create(&members[i].thread, NULL, crew_member_main, &members[i]))
			abort();
	}
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(members[i].thread, NULL);
		if (members[i].began < first)
			first = members[i].began;
		if (members[i].ended > last)
			last = members[i].ended;
	}
	pthread_barrier_destroy(&c.start);
	*ns = last - first;
	return 0;
}
