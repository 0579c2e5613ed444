/* SPDX-License-Identifier: MIT */
/*
 * A cache in front of a slow upstream. Regular clients ask for what is already there, a newcomer
 * asks for things nobody has asked for yet.
 *
 * cache_get() lets go of the mutex while it asks the upstream and looks again before it adds what
 * it got, so whoever wants a value that is already there gets it at once.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REGULARS    3
#define ITEMS	    6
#define ROUND_TRIP  (40 * 1000 * 1000) /* nanoseconds */
#define NAME_LENGTH 16

struct cache {
	pthread_mutex_t lock;
	int upstream;
	int used;
	char names[ITEMS + 1][NAME_LENGTH];
	char values[ITEMS + 1][NAME_LENGTH];
};

static struct cache cache = {.lock = PTHREAD_MUTEX_INITIALIZER};
static sem_t round_trip_begun; /* regulars come by while the upstream is busy */

static int cache_find(struct cache *c, const char *name, char *value)
{
	for (int i = 0; i < c->used; i++) {
		if (strcmp(c->names[i], name) == 0) {
			memcpy(value, c->values[i], NAME_LENGTH);
			return 1;
		}
	}
	return 0;
}

static void cache_add(struct cache *c, const char *name, const char *value)
{
	memcpy(c->names[c->used], name, NAME_LENGTH);
	memcpy(c->values[c->used], value, NAME_LENGTH);
	c->used++;
}

static int ask_upstream(int fd, const char *name, char *value)
{
	if (send(fd, name, NAME_LENGTH, MSG_NOSIGNAL) != NAME_LENGTH)
		return -1;
	if (recv(fd, value, NAME_LENGTH, MSG_WAITALL) != NAME_LENGTH)
		return -1;
	return 0;
}

static int cache_get(struct cache *c, const char *name, char *value)
{
	char known[NAME_LENGTH];
	int found, rc;

	pthread_mutex_lock(&c->lock);
	found = cache_find(c, name, value);
	pthread_mutex_unlock(&c->lock);
	if (found)
		return 0;

	rc = ask_upstream(c->upstream, name, value);
	if (rc != 0)
		return rc;

	pthread_mutex_lock(&c->lock);
	if (!cache_find(c, name, known))
		cache_add(c, name, value);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

static void *upstream_main(void *arg)
{
	struct timespec busy = {.tv_nsec = ROUND_TRIP};
	int fd = *(int *)arg;
	char name[NAME_LENGTH];

	while (recv(fd, name, sizeof(name), MSG_WAITALL) == sizeof(name)) {
		for (int i = 0; i < REGULARS; i++)
			sem_post(&round_trip_begun);
		nanosleep(&busy, NULL);
		name[0] = 'V';
		if (send(fd, name, sizeof(name), MSG_NOSIGNAL) != sizeof(name))
			break;
	}
	return NULL;
}

static void *regular_main(void *arg)
{
	char name[NAME_LENGTH] = "popular", value[NAME_LENGTH];
	long *hits = arg;

	for (int i = 0; i < ITEMS; i++) {
		sem_wait(&round_trip_begun);
		if (cache_get(&cache, name, value) == 0 && value[0] == 'V')
			++*hits;
	}
	return NULL;
}

int main(void)
{
	pthread_t upstream, regulars[REGULARS];
	long hits[REGULARS] = {0}, total = 0, loaded = 0;
	char name[NAME_LENGTH] = "popular", value[NAME_LENGTH] = "Value";
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	if (sem_init(&round_trip_begun, 0, 0) != 0)
		return 2;
	cache.upstream = pair[0];
	cache_add(&cache, name, value);
	if (pthread_create(&upstream, NULL, upstream_main, &pair[1]) != 0)
		return 2;
	for (int i = 0; i < REGULARS; i++)
		if (pthread_create(&regulars[i], NULL, regular_main, &hits[i]) != 0)
			return 2;

	for (int i = 0; i < ITEMS; i++) {
		memset(name, 0, sizeof(name));
		snprintf(name, sizeof(name), "item-%d", i);
		if (cache_get(&cache, name, value) == 0 && value[0] == 'V')
			loaded++;
	}

	for (int i = 0; i < REGULARS; i++) {
		pthread_join(regulars[i], NULL);
		total += hits[i];
	}
	close(pair[0]);
	pthread_join(upstream, NULL);
	close(pair[1]);
	sem_destroy(&round_trip_begun);
	printf("%ld loaded, %ld found\n", loaded, total);
	return loaded != ITEMS || total != REGULARS * ITEMS;
}
