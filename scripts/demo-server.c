/* SPDX-License-Identifier: MIT */
/*
 * What scripts/demo looks at: a small bank on loopback, one thread a connection, with two mistakes that its own clients bring out.
 *   transfer() takes the locks of two accounts in the order in which the request names them;
 *   serve() forgets to close a connection whose request it refuses.
 * demo-server both: two clients transfer money to each other; alone it simply hangs.
 * demo-server refuse: forty clients ask for an account that is not there; alone nothing seems wrong.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account alice = { PTHREAD_MUTEX_INITIALIZER, 100 }, bob = { PTHREAD_MUTEX_INITIALIZER, 100 };
static struct sockaddr_in address = { .sin_family = AF_INET };
static int listener;

static struct account *find_account(const char *name)
{
	return !strcmp(name, "alice") ? &alice : !strcmp(name, "bob") ? &bob : NULL;
}

static void transfer(struct account *from, struct account *to, int amount)
{
	pthread_mutex_lock(&from->lock);
	usleep(100000); /* asks another bank */
	pthread_mutex_lock(&to->lock);
	from->money -= amount;
	to->money += amount;
	pthread_mutex_unlock(&to->lock);
	pthread_mutex_unlock(&from->lock);
}

static void *serve(void *arg)
{
	int conn = (int)(long)arg, amount;
	char line[128] = "", from[32], to[32];
	ssize_t n = read(conn, line, sizeof(line) - 1);

	if (n <= 0 || sscanf(line, "%31s %31s %d", from, to, &amount) != 3)
		return NULL;
	if (!find_account(from) || !find_account(to)) {
		if (write(conn, "no such account\n", 16) != 16)
			perror("write");
		return NULL; /* conn stays open */
	}
	transfer(find_account(from), find_account(to), amount);
	if (write(conn, "done\n", 5) != 5)
		perror("write");
	close(conn);
	return NULL;
}

static void *accept_all(void *arg)
{
	pthread_t t;

	for (;;) {
		int conn = accept(listener, NULL, NULL);

		if (conn >= 0 && pthread_create(&t, NULL, serve, (void *)(long)conn) == 0)
			pthread_detach(t);
	}
	return arg;
}

static int ask(const char *request)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&address, sizeof(address)) || write(s, request, strlen(request)) < 0)
		exit(1);
	return s;
}

static void wait_for_answer(int s)
{
	char answer[64];

	if (read(s, answer, sizeof(answer)) < 0)
		perror("read");
	close(s);
}

int main(int argc, char **argv)
{
	socklen_t len = sizeof(address);
	pthread_t t;
	int one, other;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&address, &len) || pthread_create(&t, NULL, accept_all, NULL))
		return 1;
	if (argc < 2 || strcmp(argv[1], "both")) {
		for (int i = 0; i < 40; i++)
			wait_for_answer(ask("alice mallory 5"));
		return 0;
	}
	one = ask("alice bob 5");
	other = ask("bob alice 7");
	wait_for_answer(one);
	wait_for_answer(other);
	return 0;
}
