/* SPDX-License-Identifier: MIT */
/*
 * mcload: a pipelined get/set client of memcached, over loopback.
 *
 *   mcload PORT [THREADS [CONNECTIONS [DEPTH [ROUNDS]]]]
 *
 * Each thread has CONNECTIONS of its own and, ROUNDS times, sends DEPTH requests (nine gets to one
 * set) on each, then reads all answers. A key's value never changes, so that the answer to a
 * request is known beforehand and compared byte by byte: a wrong one ends the program with 1.
 * Prints one JSON line with the operations per second. Part of the benchmarks.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEYS	10000
#define VALUE	100
#define SCRIPTS 16 /* different pipelines prepared per thread */

/* Settings, written before the threads start. */
static int port;
static long threads = 1, connections = 8, depth = 16, rounds = 1500;
static pthread_barrier_t start;

struct text {
	char *bytes;
	size_t length;
};

/* One pipeline: what is sent and what must come back. */
struct script {
	struct text request, reply;
};

static void fail(const char *what)
{
	fprintf(stderr, "mcload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void text_add(struct text *t, const char *bytes, size_t length)
{
	t->bytes = realloc(t->bytes, t->length + length);
	if (!t->bytes)
		fail("realloc");
	memcpy(t->bytes + t->length, bytes, length);
	t->length += length;
}

static void script_add(struct script *s, unsigned int key, int set)
{
	char head[80], value[VALUE + 2];
	int n;

	memset(value, 'a' + (int)(key % 26), VALUE);
	memcpy(value + VALUE, "\r\n", 2);
	if (set) {
		n = snprintf(head, sizeof(head), "set key%07u 0 0 %d\r\n", key, VALUE);
		text_add(&s->request, head, (size_t)n);
		text_add(&s->request, value, sizeof(value));
		text_add(&s->reply, "STORED\r\n", 8);
		return;
	}
	n = snprintf(head, sizeof(head), "get key%07u\r\n", key);
	text_add(&s->request, head, (size_t)n);
	n = snprintf(head, sizeof(head), "VALUE key%07u 0 %d\r\n", key, VALUE);
	text_add(&s->reply, head, (size_t)n);
	text_add(&s->reply, value, sizeof(value));
	text_add(&s->reply, "END\r\n", 5);
}

static void script_free(struct script *s)
{
	free(s->request.bytes);
	free(s->reply.bytes);
}

static int connect_to_server(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void script_send(int fd, const struct script *s)
{
	for (size_t done = 0; done < s->request.length;) {
		ssize_t n =
		    send(fd, s->request.bytes + done, s->request.length - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			fail("send");
		done += n > 0 ? (size_t)n : 0;
	}
}

static void script_check(int fd, const struct script *s)
{
	static __thread char buffer[65536];

	for (size_t done = 0; done < s->reply.length;) {
		size_t want = s->reply.length - done;
		ssize_t n = recv(fd, buffer, want < sizeof(buffer) ? want : sizeof(buffer), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			fail("recv");
		errno = EPROTO;
		if (memcmp(buffer, s->reply.bytes + done, (size_t)n))
			fail("not the answer expected");
		done += (size_t)n;
	}
}

static void fill_server(void)
{
	int fd = connect_to_server();

	for (unsigned int key = 0; key < KEYS; key += 100) {
		struct script s = {0};

		for (unsigned int i = 0; i < 100; i++)
			script_add(&s, key + i, 1);
		script_send(fd, &s);
		script_check(fd, &s);
		script_free(&s);
	}
	close(fd);
}

static void thread_run(const struct script *scripts, const int *fds, long n)
{
	for (long r = 0; r < n; r++) {
		for (long c = 0; c < connections; c++)
			script_send(fds[c], &scripts[(r + c) % SCRIPTS]);
		for (long c = 0; c < connections; c++)
			script_check(fds[c], &scripts[(r + c) % SCRIPTS]);
	}
}

static void *thread_main(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	struct script scripts[SCRIPTS] = {0};
	int *fds = calloc((size_t)connections, sizeof(*fds));

	if (!fds)
		fail("calloc");
	for (int i = 0; i < SCRIPTS; i++)
		for (long d = 0; d < depth; d++)
			script_add(&scripts[i], (unsigned int)rand_r(&seed) % KEYS, d % 10 == 9);
	for (long c = 0; c < connections; c++)
		fds[c] = connect_to_server();
	thread_run(scripts, fds, rounds / 10 + 1); /* warm-up */
	pthread_barrier_wait(&start);
	thread_run(scripts, fds, rounds);
	pthread_barrier_wait(&start);
	for (long c = 0; c < connections; c++)
		close(fds[c]);
	for (int i = 0; i < SCRIPTS; i++)
		script_free(&scripts[i]);
	free(fds);
	return NULL;
}

static long number(int argc, char **argv, int i, long low, long high, long usual)
{
	char *end;
	long n;

	if (i >= argc)
		return usual;
	n = strtol(argv[i], &end, 10);
	if (*end || end == argv[i] || n < low || n > high) {
		fprintf(stderr, "mcload: %s: not a number from %ld to %ld\n", argv[i], low, high);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	struct timespec a, b;
	pthread_t ids[64];
	double seconds;

	if (argc < 2 || argc > 6) {
		fprintf(stderr, "usage: mcload PORT [THREADS [CONNECTIONS [DEPTH [ROUNDS]]]]\n");
		return 2;
	}
	port = (int)number(argc, argv, 1, 1, 65535, 0);
	threads = number(argc, argv, 2, 1, 64, threads);
	connections = number(argc, argv, 3, 1, 1024, connections);
	depth = number(argc, argv, 4, 1, 100, depth); /* both directions fit into socket buffers */
	rounds = number(argc, argv, 5, 1, 100000000, rounds);
	fill_server();
	errno = pthread_barrier_init(&start, NULL, (unsigned int)threads + 1);
	if (errno)
		fail("pthread_barrier_init");
	for (long i = 0; i < threads; i++) {
		errno = pthread_create(&ids[i], NULL, thread_main, (void *)(uintptr_t)(i + 1));
		if (errno)
			fail("pthread_create");
	}
	/* between the barriers; a late wake-up of this thread is lost in a run of a second */
	pthread_barrier_wait(&start);
	clock_gettime(CLOCK_MONOTONIC, &a);
	pthread_barrier_wait(&start);
	clock_gettime(CLOCK_MONOTONIC, &b);
	for (long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	printf("{\"ops_per_s\":%.0f,\"ops\":%ld,\"seconds\":%.3f}\n",
	       (double)(threads * connections * depth * rounds) / seconds,
	       threads * connections * depth * rounds, seconds);
	return 0;
}
