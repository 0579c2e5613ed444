/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The wait is for a condition variable on that same mutex, so the mutex is free meanwhile. */
#include "peer.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct peer peer;
static int answers, looks;

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&peer.asked);
		pthread_mutex_lock(&lock);
		looks += answers >= i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *receiver_main(void *arg)
{
	char byte = 0;

	(void)arg;
	while (recv(peer.fd, &byte, 1, 0) == 1 && byte == 'b') {
		pthread_mutex_lock(&lock);
		answers++;
		pthread_cond_signal(&changed);
		int last = answers == ROUNDS;
		pthread_mutex_unlock(&lock);
		if (last)
			break;
	}
	return NULL;
}

int main(void)
{
	pthread_t observer, receiver;

	peer_start(&peer);
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	die_unless(pthread_create(&receiver, NULL, receiver_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		peer_ask(&peer);
		while (answers == i)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
	}
	pthread_join(observer, NULL);
	pthread_join(receiver, NULL);
	peer_stop(&peer);
	return answers != ROUNDS || looks != ROUNDS;
}
