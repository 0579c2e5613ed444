/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy warning */
/* Two owners, each of which destroys it. */
#include <pthread.h>

static pthread_mutex_t lock;

static void server_close(void)
{
	pthread_mutex_destroy(&lock);
}
static void listener_close(void)
{
	pthread_mutex_destroy(&lock);
}

int main(void)
{
	pthread_mutex_init(&lock, NULL);
	listener_close();
	server_close();
	return 0;
}
