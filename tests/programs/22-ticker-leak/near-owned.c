/* SPDX-License-Identifier: MIT */
/* expect: clean */
/*
 * A ticker that belongs to an object: created by a function that returns, read by the object's
 * thread, closed by the object's destructor before the process ends. Several objects, one after
 * another.
 */
#include "ticks.h"
#include <pthread.h>

struct sampler {
	int ticker;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t progress;
	int samples, stop;
};

static void *sampler_main(void *arg)
{
	struct sampler *sampler = arg;
	int stop = 0;

	while (!stop) {
		take_tick(sampler->ticker);
		pthread_mutex_lock(&sampler->lock);
		sampler->samples++;
		pthread_cond_signal(&sampler->progress);
		stop = sampler->stop;
		pthread_mutex_unlock(&sampler->lock);
	}
	return NULL;
}

static struct sampler *sampler_create(void)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	struct sampler *sampler = calloc(1, sizeof(*sampler));

	die_unless(sampler != NULL, "calloc");
	pthread_mutex_init(&sampler->lock, NULL);
	pthread_cond_init(&sampler->progress, NULL);
	sampler->ticker = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	die_unless(sampler->ticker >= 0, "timerfd_create");
	die_unless(timerfd_settime(sampler->ticker, 0, &every, NULL) == 0, "timerfd_settime");
	die_unless(pthread_create(&sampler->thread, NULL, sampler_main, sampler) == 0, "thread");
	return sampler;
}

static int sampler_destroy(struct sampler *sampler)
{
	int samples;

	pthread_mutex_lock(&sampler->lock);
	sampler->stop = 1;
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	close(sampler->ticker);
	samples = sampler->samples;
	pthread_cond_destroy(&sampler->progress);
	pthread_mutex_destroy(&sampler->lock);
	free(sampler);
	return samples;
}

int main(void)
{
	for (int i = 0; i < 4; i++) {
		struct sampler *sampler = sampler_create();

		pthread_mutex_lock(&sampler->lock);
		while (sampler->samples < 5)
			pthread_cond_wait(&sampler->progress, &sampler->lock);
		pthread_mutex_unlock(&sampler->lock);
		if (sampler_destroy(sampler) < 5)
			return 1;
	}
	return 0;
}
