/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A chain: each joins the one before. */
#include <pthread.h>

static void *joins(void *before)
{
	if (before)
		pthread_join(*(pthread_t *)before, NULL);
	return before;
}

int main(void)
{
	pthread_t t[3];

	pthread_create(&t[0], NULL, joins, NULL);
	pthread_create(&t[1], NULL, joins, &t[0]);
	pthread_create(&t[2], NULL, joins, &t[1]);
	return pthread_join(t[2], NULL);
}
