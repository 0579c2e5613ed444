/* SPDX-License-Identifier: MIT */
/*
 * A price service: each question is computed by a worker of its own, which hands its answer over.
 *
 * The mistake: compute() starts the worker first and looks into the cache then; where the answer is
 * found there, it returns without taking the worker's, and the worker waits for ever.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define QUESTIONS 12
#define CACHED	  6

struct call { /* an unbuffered queue for one answer */
	pthread_mutex_t lock;
	pthread_cond_t ready, taken;
	pthread_t worker;
	int question, full;
	long answer;
};

static struct call *asked[QUESTIONS];

static void hand_over(struct call *call, long answer)
{
	pthread_mutex_lock(&call->lock);
	call->answer = answer;
	call->full = 1;
	pthread_cond_signal(&call->ready);
	while (call->full)
		pthread_cond_wait(&call->taken, &call->lock);
	pthread_mutex_unlock(&call->lock);
}

static long take(struct call *call)
{
	long answer;

	pthread_mutex_lock(&call->lock);
	while (!call->full)
		pthread_cond_wait(&call->ready, &call->lock);
	answer = call->answer;
	call->full = 0;
	pthread_cond_signal(&call->taken);
	pthread_mutex_unlock(&call->lock);
	return answer;
}

static void *expensive(void *arg)
{
	struct call *call = arg;
	long sum = 0;

	for (int i = 0; i < 100000; i++)
		sum += (long)i * call->question % 7;
	hand_over(call, sum);
	return NULL;
}

static struct call *start(int question)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		exit(1);
	call->question = question;
	pthread_mutex_init(&call->lock, NULL);
	pthread_cond_init(&call->ready, NULL);
	pthread_cond_init(&call->taken, NULL);
	if (pthread_create(&call->worker, NULL, expensive, call) != 0)
		exit(1);
	return call;
}

static void finish(struct call *call)
{
	pthread_join(call->worker, NULL);
	pthread_cond_destroy(&call->ready);
	pthread_cond_destroy(&call->taken);
	pthread_mutex_destroy(&call->lock);
	free(call);
}

static int cache_find(int question, long *answer)
{
	*answer = 40 + question;
	return question % (QUESTIONS / CACHED) == 0;
}

static long compute(int question)
{
	struct call *call = start(question);
	long answer;

	if (cache_find(question, &answer)) {
		asked[question] = call;
		return answer;
	}
	answer = take(call);
	finish(call);
	return answer;
}

static int is_computed(struct call *call)
{
	int full;

	pthread_mutex_lock(&call->lock);
	full = call->full;
	pthread_mutex_unlock(&call->lock);
	return full;
}

int main(void)
{
	struct timespec moment = {.tv_nsec = 1000 * 1000};
	long total = 0;
	int unused = 0;

	for (int q = 0; q < QUESTIONS; q++)
		total += compute(q);
	for (int q = 0; q < QUESTIONS; q++) {
		if (!asked[q])
			continue;
		while (!is_computed(asked[q]))
			nanosleep(&moment, NULL);
		unused++;
	}
	printf("%d questions, %d answered by the cache, total %ld\n", QUESTIONS, unused, total);
	return 0;
}
