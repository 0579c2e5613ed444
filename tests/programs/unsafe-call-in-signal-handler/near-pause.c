/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The example of every textbook: main does nothing but wait, the handler prints. A note at most.
 * The signal is sent when main is seen asleep. */
#define _GNU_SOURCE
#include "wait.h"

static volatile sig_atomic_t waiting;

static void on_usr1(int sig)
{
	printf("signal %d\n", sig);
	came++;
}

static int asleep(void)
{
	char path[64], line[512], *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
	f = fopen(path, "re");
	state = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (f)
		fclose(f);
	return state && state[2] == 'S';
}

static void *sender(void *arg)
{
	for (int n = 0; n < 5; n++) {
		while (came != n || !waiting || !asleep())
			usleep(200);
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	}
	return NULL;
}

int main(void)
{
	pthread_t self = pthread_self(), th;

	signal(SIGUSR1, on_usr1);
	pthread_create(&th, NULL, sender, &self);
	waiting = 1;
	while (came < 5)
		pause();
	pthread_join(th, NULL);
	return 0;
}
