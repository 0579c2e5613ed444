/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* Two threads with an object of their own for everything: the _r functions, a directory stream each
 * (opened and closed again and again, so that one thread gets the address another gave back),
 * erand48(). */
#include <dirent.h>
#include <grp.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *job(void *arg)
{
	char line[] = "a b c", *save, text[64], buf[4096];
	unsigned short state[3] = {1, 2, 3};
	time_t now = time(NULL);
	struct passwd pw, *p;
	struct hostent host, *h;
	struct tm tm;
	int err;

	strtok_r(line, " ", &save);
	strtok_r(NULL, " ", &save);
	localtime_r(&now, &tm);
	gmtime_r(&now, &tm);
	asctime_r(&tm, text);
	ctime_r(&now, text);
	erand48(state);
	getpwnam_r("root", &pw, buf, sizeof(buf), &p);
	gethostbyname_r("127.0.0.1", &host, buf, sizeof(buf), &h, &err);
	for (int i = 0; i < 50; i++) {
		DIR *d = opendir("/");

		while (d && readdir(d))
			;
		if (d)
			closedir(d);
	}
	return arg;
}

int main(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, job, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}
