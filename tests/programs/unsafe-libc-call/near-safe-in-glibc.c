/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* What POSIX allows to be unsafe and this C library makes safe: a buffer for each thread, or a
 * lock. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void *job(void *arg)
{
	char path[] = "/usr/share/doc", other[] = "/usr/share/doc";
	struct in_addr a = {htonl(INADDR_LOOPBACK)};
	volatile size_t n = 0;

	for (int i = 0; i < 100; i++) {
		n += strlen(strerror(i)) + strlen(strerror(100000 + i)) + strlen(strsignal(i % 32));
		n += strlen(inet_ntoa(a)) + (size_t)(rand() + random());
	}
	n += strlen(basename(path)) + strlen(dirname(other));
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	n += dlerror() != NULL;
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
