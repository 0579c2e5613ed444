/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* The same as two-locks.c with one lock, under which the result is also used; a second one is held
 * at one of the calls. */
#include <pthread.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t libc = PTHREAD_MUTEX_INITIALIZER, mail = PTHREAD_MUTEX_INITIALIZER;
static char line[2][64];

static void date(char *to)
{
	time_t now = time(NULL);

	pthread_mutex_lock(&libc);
	strcpy(to, ctime(&now));
	pthread_mutex_unlock(&libc);
}

static void *log_date(void *arg)
{
	for (int i = 0; i < 100; i++)
		date(line[0]);
	return arg;
}

static void *mail_date(void *arg)
{
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&mail);
		date(line[1]);
		pthread_mutex_unlock(&mail);
	}
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, log_date, NULL);
	pthread_create(&b, NULL, mail_date, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return !line[0][0] || !line[1][0];
}
