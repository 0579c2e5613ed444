/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* A thread is writing a log line while another one forks; the child logs, too. */
#include "fork.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void *logs(void *arg)
{
	pthread_mutex_lock(&log_lock);
	fork_wait();
	pthread_mutex_unlock(&log_lock);
	return arg;
}

static void child_logs(void)
{
	pthread_mutex_lock(&log_lock);
	pthread_mutex_unlock(&log_lock);
}

int main(void)
{
	return fork_and_hang(logs, child_logs);
}
