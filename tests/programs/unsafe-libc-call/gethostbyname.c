/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* Three clients look up their host by gethostbyname(), each in its own thread. */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

struct client {
	const char *host;
	struct in_addr addr;
	pthread_t thread;
};

static void *look_up(void *arg)
{
	struct client *c = arg;
	struct hostent *h = gethostbyname(c->host);

	if (h)
		memcpy(&c->addr, h->h_addr_list[0], sizeof(c->addr));
	return h;
}

int main(void)
{
	struct client c[3] = {{.host = "127.0.0.1"}, {.host = "127.0.0.2"}, {.host = "127.0.0.3"}};
	int missing = 0;
	void *found;

	for (int i = 0; i < 3; i++)
		pthread_create(&c[i].thread, NULL, look_up, &c[i]);
	for (int i = 0; i < 3; i++) {
		pthread_join(c[i].thread, &found);
		missing += !found;
	}
	return missing;
}
