/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* Only main uses them, while other threads do something else; and a forked child, which has a copy
 * of everything. */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t end;

static void *something_else(void *arg)
{
	pthread_barrier_wait(&end);
	return arg;
}

static void use(void)
{
	char line[] = "a b c";
	time_t now = time(NULL);

	strtok(line, " ");
	strtok(NULL, " ");
	ctime(&now);
}

int main(void)
{
	pthread_t t[3];
	pid_t child;
	int status = 0;

	pthread_barrier_init(&end, NULL, 4);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, something_else, NULL);
	for (int i = 0; i < 100; i++)
		use();
	child = fork();
	if (!child) {
		use();
		_exit(0);
	}
	waitpid(child, &status, 0);
	use();
	pthread_barrier_wait(&end);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&end);
	return status;
}
