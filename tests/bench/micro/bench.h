/* SPDX-License-Identifier: MIT */
/*
 * What the files of the micro benchmarks share: the meter, the crew of threads, the table's row.
 *
 * Every benchmark sets up, warms up, then times a fixed number of operations in batches. Setting
 * up and warming up is not timed. Not signal-safe; used by tests/bench/micro/ alone.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#define CACHE_LINE 128 /* two lines: the adjacent-line prefetcher joins pairs */

/* Invariant: best is the smallest quotient of time and operations of any batch added so far. */
struct meter {
	uint64_t total_ns;
	uint64_t total_ops;
	double best;
	unsigned int batches;
	unsigned int percent; /* share of the usual number of operations, 1–100 */
};

struct bench {
	const char *name;
	const char *what;
	int (*run)(struct meter *m, long arg); /* 0 or -errno */
	long arg;
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);

/* The number of operations to do where n are usual; at least 1. */
long meter_scale(const struct meter *m, long n);

/* Adds one timed batch. */
void meter_add(struct meter *m, uint64_t ns, uint64_t ops);

/* Times `batches` calls of body(state, ops) after an untimed one. */
void meter_loop(struct meter *m, unsigned int batches, long ops,
		void (*body)(void *state, long ops), void *state);

/*
 * Runs body(state, index, ops) in n threads, spread over the CPUs, which start together. *ns is the
 * time from the first thread's first operation to the last one's last. 0 or -errno.
 */
int crew_run(unsigned int n, long ops, void (*body)(void *state, unsigned int index, long ops),
	     void *state, uint64_t *ns);

/* arg: number of threads (private, contended), of locks held together (mutex), size (malloc),
 * mutexes made and destroyed before (walk). */
int bench_mutex(struct meter *m, long arg);
int bench_private(struct meter *m, long arg);
int bench_contended(struct meter *m, long arg);
int bench_rwlock(struct meter *m, long write);
int bench_spin(struct meter *m, long arg);
int bench_walk(struct meter *m, long arg);
int bench_walk_first(struct meter *m, long arg);
int bench_pingpong(struct meter *m, long arg);
int bench_sem(struct meter *m, long arg);
int bench_thread(struct meter *m, long arg);
int bench_open(struct meter *m, long arg);
int bench_pipe(struct meter *m, long arg);
int bench_malloc(struct meter *m, long arg);
int bench_exec(struct meter *m, long arg);

#endif
