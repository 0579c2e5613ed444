/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* The same inside one process: the sending thread ends and leaves its end open. */
#include <pthread.h>
#include <unistd.h>

static int p[2];

static void *sends(void *arg)
{
	return write(p[1], "x", 1) == 1 ? arg : NULL;
}

static void *reads(void *arg)
{
	char c;

	while (read(p[0], &c, 1) > 0)
		;
	return arg;
}

int main(void)
{
	pthread_t sender, reader;

	if (pipe(p))
		return 1;
	pthread_create(&reader, NULL, reads, NULL);
	pthread_create(&sender, NULL, sends, NULL);
	pthread_join(sender, NULL);
	pthread_join(reader, NULL);
	return 1;
}
