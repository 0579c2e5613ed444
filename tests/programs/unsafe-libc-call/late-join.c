/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* main goes on and asks gmtime() while the thread that did the same may still be at it: the join
 * comes after. A thread between, which is joined at once, orders nothing of this. */
#include <pthread.h>
#include <time.h>

static int year;

static void *worker(void *arg)
{
	time_t t = 0;

	year = gmtime(&t)->tm_year;
	return arg;
}

static void *idle(void *arg)
{
	return arg;
}

int main(void)
{
	time_t t = 86400;
	pthread_t w, i;
	int day;

	pthread_create(&w, NULL, worker, NULL);
	pthread_create(&i, NULL, idle, NULL);
	pthread_join(i, NULL);
	day = gmtime(&t)->tm_yday;
	pthread_join(w, NULL);
	return year != 70 || day != 1;
}
