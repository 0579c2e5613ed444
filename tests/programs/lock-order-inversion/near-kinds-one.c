/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Locks of one kind, one in another: a tree from the root down, and accounts by address. Which of
 * them comes first is a matter of more than where they were made. */
#include <stdint.h>

#include "kinds.h"

static struct session *node[7];

static void *walk(void *arg)
{
	for (int round = 0; round < 50; round++) {
		int at = 0;

		pthread_mutex_lock(&node[0]->lock);
		while (2 * at + 2 < 7) {
			int next = 2 * at + 1 + ((round ^ (int)(intptr_t)arg) & 1);

			pthread_mutex_lock(&node[next]->lock);
			pthread_mutex_unlock(&node[at]->lock);
			at = next;
		}
		pthread_mutex_unlock(&node[at]->lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[3];

	for (int i = 0; i < 7; i++)
		node[i] = session_new(i);
	for (intptr_t i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, walk, (void *)i);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 7; i++)
		session_free(node[i]);
	return 0;
}
