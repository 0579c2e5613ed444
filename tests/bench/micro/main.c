/* SPDX-License-Identifier: MIT */
/*
 * micro: the table of micro benchmarks and the command that runs one of them.
 *
 *   micro --list               one name per line, a tab, what is measured
 *   micro NAME [PERCENT]       one JSON line: ns (mean), best (fastest batch), ops, lock_from
 *
 * lock_from is the file that pthread_mutex_lock comes from: the runner makes sure by it that the
 * preload it asked for is in the path. Not signal-safe.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bench benches[] = {
    {"mutex-pair", "lock and unlock a mutex nobody else wants", bench_mutex, 1},
    {"mutex-nested", "lock and unlock two mutexes, always in one order", bench_mutex, 2},
    {"private-1", "mutex pair, 1 thread with its own mutex", bench_private, 1},
    {"private-2", "mutex pair, 2 threads, each with its own mutex", bench_private, 2},
    {"private-4", "mutex pair, 4 threads, each with its own mutex", bench_private, 4},
    {"private-8", "mutex pair, 8 threads, each with its own mutex", bench_private, 8},
    {"private-16", "mutex pair, 16 threads, each with its own mutex", bench_private, 16},
    {"contended-2", "one mutex, 2 threads, short critical section", bench_contended, 2},
    {"contended-4", "one mutex, 4 threads, short critical section", bench_contended, 4},
    {"cond-pingpong", "hand-over between two threads by a condvar", bench_pingpong, 0},
    {"thread-create-join", "create a thread that returns at once, and join it", bench_thread, 0},
    {"open-close", "open and close /dev/null", bench_open, 0},
    {"sem-pair", "post and wait of a semaphore nobody else wants", bench_sem, 0},
    {"malloc-16", "malloc and free of 16 bytes", bench_malloc, 16},
    {"malloc-256", "malloc and free of 256 bytes", bench_malloc, 256},
    {"malloc-4096", "malloc and free of 4 KiB", bench_malloc, 4096},
    {"malloc-65536", "malloc and free of 64 KiB", bench_malloc, 65536},
    {"walk", "mutex pair on each of 100,000 mutexes in turn", bench_walk, 0},
    {"walk-aged", "the same after a million others have come and gone", bench_walk, 1000000},
    {"walk-first", "the very first pair on each of 100,000 mutexes", bench_walk_first, 0},
    {"rwlock-read", "rdlock and unlock of a rwlock nobody else wants", bench_rwlock, 0},
    {"rwlock-write", "wrlock and unlock of a rwlock nobody else wants", bench_rwlock, 1},
    {"spin-pair", "lock and unlock a spinlock nobody else wants", bench_spin, 0},
    {"pipe-byte", "write a byte into a pipe and read it again", bench_pipe, 0},
    {"exec-true", "posix_spawn of /bin/true and waitpid", bench_exec, 0},
};
#define BENCHES (sizeof(benches) / sizeof(benches[0]))

static const char *lock_from(void)
{
	Dl_info info;
	const char *slash;

	if (!dladdr(dlsym(RTLD_DEFAULT, "pthread_mutex_lock"), &info) || !info.dli_fname)
		return "unknown";
	slash = strrchr(info.dli_fname, '/');
	return slash ? slash + 1 : info.dli_fname;
}

static int bench_run(const struct bench *b, unsigned int percent)
{
	struct meter m = {.percent = percent};
	int rc = b->run(&m, b->arg);

	if (!rc && !m.total_ops)
		rc = -1;
	if (rc) {
		fprintf(stderr, "micro: %s: %s\n", b->name, strerror(-rc));
		return 1;
	}
	printf("{\"name\":\"%s\",\"ns\":%.3f,\"best\":%.3f,\"ops\":%llu,\"batches\":%u,"
	       "\"lock_from\":\"%s\"}\n",
	       b->name, (double)m.total_ns / (double)m.total_ops, m.best,
	       (unsigned long long)m.total_ops, m.batches, lock_from());
	return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	long percent = argc > 2 ? strtol(argv[2], NULL, 10) : 100;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < BENCHES; i++)
			printf("%s\t%s\n", benches[i].name, benches[i].what);
		return 0;
	}
	if (argc < 2 || argc > 3 || percent < 1 || percent > 100) {
		fprintf(stderr, "usage: micro --list | NAME [PERCENT]\n");
		return 2;
	}
	for (size_t i = 0; i < BENCHES; i++)
		if (!strcmp(argv[1], benches[i].name))
			return bench_run(&benches[i], (unsigned int)percent);
	fprintf(stderr, "micro: no benchmark named %s\n", argv[1]);
	return 2;
}
