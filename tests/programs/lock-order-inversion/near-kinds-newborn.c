/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A session is locked under the table's lock once, before anybody else has it; its own thread goes
 * the other way later. Eight sessions, each at another stage. */
#include "kinds.h"

static void *serve(void *arg)
{
	for (int i = 0; i < 20; i++) {
		end_request(arg);
		usleep(500);
	}
	session_free(arg);
	return NULL;
}

int main(void)
{
	pthread_t t[8];

	for (int i = 0; i < 8; i++) {
		struct session *s = session_new(i);

		expire(s); /* into the table */
		pthread_create(&t[i], NULL, serve, s);
		usleep(1500);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	return 0;
}
