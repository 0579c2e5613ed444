/* SPDX-License-Identifier: MIT */
/*
 * A consumer that books messages as they come, until there has been none for a while.
 *
 * The mistake: the loop makes a new timer for every wait; when a message comes first, which it
 * usually does, the timer is left behind, still running.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES 120
#define IDLE	 2 /* seconds without a message, and the consumer gives up */

struct message {
	int id;
	int amount;
};

struct account {
	int messages; /* descriptor they come from */
	int handled;
	long balance;
};

static void handle(struct account *account, const struct message *m)
{
	account->handled++;
	account->balance += m->amount;
}

static int idle_timer(void)
{
	struct itimerspec once = {.it_value.tv_sec = IDLE};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd >= 0 && timerfd_settime(fd, 0, &once, NULL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void *consumer(void *arg)
{
	struct account *account = arg;
	struct message m;

	for (;;) {
		struct pollfd set[] = {
		    {.fd = account->messages, .events = POLLIN},
		    {.fd = idle_timer(), .events = POLLIN},
		};

		if (set[1].fd < 0 || poll(set, 2, -1) < 0)
			break;
		if (!set[0].revents) /* nothing came in time */
			break;
		if (read(account->messages, &m, sizeof(m)) != sizeof(m))
			break;
		handle(account, &m);
	}
	return NULL;
}

int main(void)
{
	struct account account = {0};
	pthread_t thread;
	int ends[2];

	if (pipe(ends) != 0)
		return 1;
	account.messages = ends[0];
	if (pthread_create(&thread, NULL, consumer, &account) != 0)
		return 1;
	for (int i = 0; i < MESSAGES; i++) {
		struct message m = {.id = i, .amount = i % 7 - 3};

		if (write(ends[1], &m, sizeof(m)) != sizeof(m))
			return 1;
	}
	close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
	printf("%d messages, balance %ld\n", account.handled, account.balance);
	return account.handled != MESSAGES;
}
