/* SPDX-License-Identifier: MIT */
/* expect: barrier-misuse error */
/* The number of workers comes from a setting that is missing. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

int main(void)
{
	const char *setting = getenv("NO_SUCH_SETTING_OF_WORKERS");
	pthread_barrier_t b;

	return pthread_barrier_init(&b, NULL, setting ? (unsigned)atoi(setting) : 0) == EINVAL ? 0
											       : 1;
}
