/* SPDX-License-Identifier: MIT */
/*
 * Time, by vDSO. clock_now() costs about 27 ns, clock_coarse() about 6 ns at the resolution of a
 * kernel tick (1–10 ms). Signal-safe.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
static inline uint64_t clock_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}
static inline uint64_t clock_coarse(void)
{
	return clock_read(CLOCK_MONOTONIC_COARSE);
}

#endif
