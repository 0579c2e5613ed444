/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* A session's lock, then the table's; elsewhere the table's, then a session's. It was never the
 * same session in this run: no two locks were taken both ways. */
#include "kinds.h"

static struct session *all[8];

static void *worker(void *arg)
{
	by_chance_after(1);
	end_request(all[0]);
	chance_has_it();
	return arg;
}
static void *timer(void *arg)
{
	by_chance_after(2);
	expire(all[1]);
	return arg;
}

int main(void)
{
	pthread_t t, u;

	pthread_create(&t, NULL, worker, NULL);
	pthread_create(&u, NULL, timer, NULL);
	for (int i = 0; i < 5; i++)
		usleep(5000);
	for (int i = 0; i < 8; i++)
		all[i] = session_new(i);
	chance_has_it();
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	for (int i = 0; i < 8; i++)
		session_free(all[i]);
	return 0;
}
