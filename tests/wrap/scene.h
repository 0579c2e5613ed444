/* SPDX-License-Identifier: MIT */
/*
 * What the programs of tests/wrap share: "ready", then wait for a line; threads that are known to
 * be blocked in the kernel.
 */
#ifndef SCENE_H
#define SCENE_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef NDEBUG

static inline void ready(void)
{
	puts("ready");
	fflush(stdout);
}
static inline void wait_for_go(void)
{
	char c;

	while (read(0, &c, 1) == 1 && c != '\n')
		;
}
static inline pthread_t spawn(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	assert(pthread_create(&t, NULL, fn, arg) == 0);
	return t;
}
static inline void join(pthread_t t)
{
	assert(pthread_join(t, NULL) == 0);
}

#endif
