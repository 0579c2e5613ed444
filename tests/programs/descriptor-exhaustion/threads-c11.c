/* SPDX-License-Identifier: MIT */
/* expect: descriptor-exhaustion error */
/* C11 threads: each keeps its own pipes open; together they are too many. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <threads.h>
#include <unistd.h>

static atomic_int refused;

static int worker(void *arg)
{
	int pipes[12][2];

	(void)arg;
	for (int i = 0; i < 12; i++)
		if (pipe(pipes[i]))
			refused += errno == EMFILE;
	return 0;
}

int main(void)
{
	struct rlimit few = {64, 64};
	thrd_t t[4];

	if (setrlimit(RLIMIT_NOFILE, &few))
		return 2;
	for (int i = 0; i < 4; i++)
		thrd_create(&t[i], worker, NULL);
	for (int i = 0; i < 4; i++)
		thrd_join(t[i], NULL);
	return refused == 0;
}
