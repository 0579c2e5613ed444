/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* An event loop goes on to poll what another thread has closed: POLLNVAL, again and again. */
#include <poll.h>
#include <sys/eventfd.h>
#include "steps.h"

static int wake, hit;

static void *stops(void *arg)
{
	close(wake);
	next_step();
	return arg;
}

static void loop(void)
{
	struct pollfd p = {.fd = wake, .events = POLLIN};

	next_step();
	for (int i = 0; i < 50; i++)
		hit = poll(&p, 1, -1) == 1 && p.revents == POLLNVAL;
}

int main(void)
{
	wake = eventfd(0, 0);
	side_by_side(stops, loop);
	return !hit;
}
