/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* Looks into an empty pipe without waiting, again and again, while main waits for its end. */
#include <poll.h>
#include "spin.h"

static int ends[2];

static void *reader(void *arg)
{
	struct pollfd p = {.fd = ends[0], .events = POLLIN};

	(void)arg;
	until_main_waits();
	for (int i = 0; i < LONG_SPIN; i++)
		MUST(poll(&p, 1, 0) == 0);
	return NULL;
}

int main(void)
{
	pthread_t t;

	MUST(pipe(ends) == 0);
	MUST(pthread_create(&t, NULL, reader, NULL) == 0);
	pthread_join(t, NULL);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
