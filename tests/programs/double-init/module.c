/* SPDX-License-Identifier: MIT */
/* expect: double-init warning */
/* The module is opened by two of its users. */
#include <pthread.h>

static pthread_mutex_t lock;
static int users;

static void module_open(void)
{
	pthread_mutex_init(&lock, NULL);
	users++;
}

int main(void)
{
	module_open();
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	module_open();
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	pthread_mutex_destroy(&lock);
	return users != 2;
}
