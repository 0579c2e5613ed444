/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* Each module guards its calls of ctime() with its own mutex: the two don't exclude each other. */
#include <pthread.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER, mail_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_line[64], mail_line[64];

static void *log_date(void *arg)
{
	time_t now = time(NULL);

	pthread_mutex_lock(&log_lock);
	strcpy(log_line, ctime(&now));
	pthread_mutex_unlock(&log_lock);
	return arg;
}

static void *mail_date(void *arg)
{
	time_t now = time(NULL);

	pthread_mutex_lock(&mail_lock);
	strcpy(mail_line, ctime(&now));
	pthread_mutex_unlock(&mail_lock);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, log_date, NULL);
	pthread_create(&b, NULL, mail_date, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return !log_line[0] || !mail_line[0];
}
