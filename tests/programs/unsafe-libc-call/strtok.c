/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* Two threads take lines apart with strtok(), each its own line: the place they have come to is one
 * for both. */
#include <pthread.h>
#include <string.h>

static pthread_barrier_t start;

static int count_words(char *line)
{
	int n = 0;

	for (char *word = strtok(line, " "); word && n < 10; word = strtok(NULL, " "))
		n++;
	return n;
}

static void *reader(void *line)
{
	pthread_barrier_wait(&start);
	return count_words(line) ? NULL : line;
}

int main(void)
{
	char line[2][32] = {"one two three four", "five six seven"};
	pthread_t t[2];

	pthread_barrier_init(&start, NULL, 2);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, reader, line[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&start);
	return 0;
}
