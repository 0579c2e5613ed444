/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* One thread closes the descriptor of a log stream, the other goes on to print; it is the flush
 * that fails. */
#include "steps.h"

static FILE *log_file;
static int hit;

static void *stops(void *arg)
{
	close(fileno(log_file));
	next_step();
	return arg;
}

static void prints(void)
{
	next_step();
	fprintf(log_file, "still here\n");
	hit = fflush(log_file) == EOF && errno == EBADF;
}

int main(void)
{
	log_file = fopen("/dev/null", "w");
	if (!log_file)
		return 1;
	side_by_side(stops, prints);
	return !hit;
}
