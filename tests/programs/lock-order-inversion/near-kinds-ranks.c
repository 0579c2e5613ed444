/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Locks that were made in one loop, at the start, and have ranks: the first is outside the table's
 * lock, the last inside. */
#include "kinds.h"

static struct session *rank[4];

static void *outside(void *arg)
{
	end_request(rank[0]);
	chance_has_it();
	return arg;
}
static void *inside(void *arg)
{
	by_chance_after(1);
	expire(rank[3]);
	return arg;
}

int main(void)
{
	pthread_t t, u;

	for (int i = 0; i < 4; i++)
		rank[i] = session_new(i);
	pthread_create(&t, NULL, outside, NULL);
	pthread_create(&u, NULL, inside, NULL);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	for (int i = 0; i < 4; i++)
		session_free(rank[i]);
	return 0;
}
