/* SPDX-License-Identifier: MIT */
/*
 * A job runner that samples a gauge at every tick of a clock while a job runs.
 *
 * monitor_job() owns its ticker: closing the descriptor when the job is done stops the timer.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define JOBS	16
#define SAMPLES 3
#define PERIOD	(4 * 1000 * 1000) /* nanoseconds */

struct job {
	int id;
	int remaining; /* steps of work */
	long samples[SAMPLES];
};

static int job_step(struct job *job)
{
	return --job->remaining > 0;
}

static long gauge_read(const struct job *job)
{
	return 100L * job->id + job->remaining;
}

static int monitor_job(struct job *job)
{
	struct itimerspec every = {
	    .it_interval.tv_nsec = PERIOD,
	    .it_value.tv_nsec = PERIOD,
	};
	uint64_t ticks;
	int taken = 0, more = 1;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (timerfd_settime(fd, 0, &every, NULL) != 0) {
		close(fd);
		return -1;
	}
	while (more && taken < SAMPLES && read(fd, &ticks, sizeof(ticks)) == sizeof(ticks)) {
		job->samples[taken++] = gauge_read(job);
		more = job_step(job);
	}
	close(fd);
	return taken;
}

int main(void)
{
	struct timespec cool_down = {.tv_nsec = 5 * PERIOD};
	int taken = 0;
	long sum = 0;

	for (int i = 0; i < JOBS; i++) {
		struct job job = {.id = i, .remaining = SAMPLES};
		int n = monitor_job(&job);

		if (n != SAMPLES)
			return 1;
		taken += n;
		for (int k = 0; k < n; k++)
			sum += job.samples[k];
	}
	nanosleep(&cool_down, NULL);
	printf("%d jobs, %d samples, mean %ld\n", JOBS, taken, sum / taken);
	return 0;
}
