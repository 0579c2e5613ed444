/* SPDX-License-Identifier: MIT */
/*
 * Polls sixteen sensors through their gateway, again and again.
 *
 * At most eight calls are under way at once: a place is taken before a thread is started and given
 * back when its call is done, and a call gives up after 20 ms.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SENSORS 16
#define ROUNDS	5

static struct sockaddr_in gateway;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int answered, silent;
static sem_t places;
#define PLACES 8

/* A gateway to the sensors that takes requests and is slow to answer. */
static int gateway_open(void)
{
	socklen_t len = sizeof(gateway);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	gateway =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)&gateway, sizeof(gateway)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&gateway, &len) != 0)
		exit(1);
	return fd;
}

static int sensor_read(int sensor)
{
	struct timeval patience = {.tv_usec = 20000};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), value = -1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&gateway, sizeof(gateway)) == 0 &&
	    send(fd, &sensor, sizeof(sensor), 0) == sizeof(sensor) &&
	    recv(fd, &value, sizeof(value), 0) != sizeof(value))
		value = -1;
	close(fd);
	return value;
}

static void *poll_sensor(void *arg)
{
	int value = sensor_read((int)(long)arg);

	pthread_mutex_lock(&lock);
	*(value < 0 ? &silent : &answered) += 1;
	pthread_mutex_unlock(&lock);
	sem_post(&places);
	return NULL;
}

static void poll_all(const pthread_attr_t *detached)
{
	pthread_t thread;

	for (long i = 0; i < SENSORS; i++) {
		sem_wait(&places);
		if (pthread_create(&thread, detached, poll_sensor, (void *)i) != 0)
			exit(1);
	}
}

int main(void)
{
	struct timespec interval = {.tv_nsec = 120000000};
	pthread_attr_t detached;
	int fd = gateway_open();

	sem_init(&places, 0, PLACES);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (int round = 0; round < ROUNDS; round++) {
		poll_all(&detached);
		nanosleep(&interval, NULL);
	}
	for (int i = 0; i < PLACES; i++)
		sem_wait(&places);
	pthread_attr_destroy(&detached);
	close(fd);
	pthread_mutex_lock(&lock);
	printf("%d answers, %d without\n", answered, silent);
	pthread_mutex_unlock(&lock);
	return 0;
}
