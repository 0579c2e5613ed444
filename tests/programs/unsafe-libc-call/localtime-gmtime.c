/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* One thread asks localtime(), another gmtime(): two functions, one struct tm. Neither knows of the
 * other's call. */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static void *logger(void *arg)
{
	time_t now = time(NULL);
	struct tm *tm = localtime(&now);

	snprintf(arg, 32, "%02d:%02d", tm->tm_hour, tm->tm_min);
	return NULL;
}

static void *expiry(void *arg)
{
	time_t later = time(NULL) + 86400;
	struct tm *tm = gmtime(&later);

	snprintf(arg, 32, "%04d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
	return NULL;
}

int main(void)
{
	char text[2][32];
	pthread_t a, b;

	pthread_create(&a, NULL, logger, text[0]);
	pthread_create(&b, NULL, expiry, text[1]);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return !text[0][0] || !text[1][0];
}
