/* SPDX-License-Identifier: MIT */
/*
 * A consumer that books messages as they come, until there has been none for a while.
 *
 * The loop has one timer, which is started again for every wait and closed at the end.
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

static int idle_restart(int fd)
{
	struct itimerspec once = {.it_value.tv_sec = IDLE};

	return timerfd_settime(fd, 0, &once, NULL);
}

static void *consumer(void *arg)
{
	struct account *account = arg;
	int idle = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct message m;

	for (;;) {
		struct pollfd set[] = {
		    {.fd = account->messages, .events = POLLIN},
		    {.fd = idle, .events = POLLIN},
		};

		if (idle < 0 || idle_restart(idle) != 0 || poll(set, 2, -1) < 0)
			break;
		if (!set[0].revents) /* nothing came in time */
			break;
		if (read(account->messages, &m, sizeof(m)) != sizeof(m))
			break;
		handle(account, &m);
	}
	if (idle >= 0)
		close(idle);
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
