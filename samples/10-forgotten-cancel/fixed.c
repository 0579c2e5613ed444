/* SPDX-License-Identifier: MIT */
/*
 * A client that fetches pages over one connection, each within a deadline.
 *
 * fetch() owns its deadline: the timer is deleted on every way out.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAGES	 40
#define DEADLINE 5 /* seconds */

struct reply {
	int page;
	long bytes;
};

static int client = -1, server = -1; /* both ends of the connection to the upstream */
static volatile sig_atomic_t timed_out;

static void on_deadline(int sig)
{
	(void)sig;
	timed_out = 1;
}

static void *upstream(void *arg)
{
	int page;

	while (read(server, &page, sizeof(page)) == sizeof(page)) {
		struct reply r = {.page = page, .bytes = 1000L + page};

		if (write(server, &r, sizeof(r)) != sizeof(r))
			break;
	}
	return arg;
}

static int deadline_start(timer_t *timer)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec once = {.it_value.tv_sec = DEADLINE};

	if (timer_create(CLOCK_MONOTONIC, &ev, timer) != 0)
		return -1;
	timed_out = 0;
	return timer_settime(*timer, 0, &once, NULL);
}

static long fetch(int page)
{
	struct reply r = {0};
	timer_t deadline;
	ssize_t n;

	if (deadline_start(&deadline) != 0)
		return -1;
	if (write(client, &page, sizeof(page)) != sizeof(page))
		goto fail;
	do
		n = read(client, &r, sizeof(r));
	while (n < 0 && errno == EINTR && !timed_out);
	timer_delete(deadline);
	return n == sizeof(r) && r.page == page ? r.bytes : -1;
fail:
	timer_delete(deadline);
	return -1;
}

int main(void)
{
	struct sigaction on = {.sa_handler = on_deadline};
	pthread_t thread;
	int ends[2];
	long bytes = 0;

	if (sigaction(SIGUSR1, &on, NULL) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return 1;
	client = ends[0];
	server = ends[1];
	if (pthread_create(&thread, NULL, upstream, NULL) != 0)
		return 1;
	for (int page = 0; page < PAGES; page++) {
		long n = fetch(page);

		if (n < 0)
			return 1;
		bytes += n;
	}
	close(client);
	pthread_join(thread, NULL);
	close(server);
	printf("%d pages, %ld bytes\n", PAGES, bytes);
	return 0;
}
