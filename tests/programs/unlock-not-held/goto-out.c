/* SPDX-License-Identifier: MIT */
/* expect: unlock-not-held error */
/* The error path unlocks, and so does the label it goes to. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) int parse(const char *text)
{
	int rc = 0;

	pthread_mutex_lock(&lock);
	if (!*text) {
		rc = -1;
		pthread_mutex_unlock(&lock);
		goto out;
	}
out:
	pthread_mutex_unlock(&lock);
	return rc;
}

int main(void)
{
	return parse("x") == 0 && parse("") == -1 ? 0 : 1;
}
