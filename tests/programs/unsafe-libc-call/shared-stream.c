/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* Two workers share out a directory by reading one stream: the entry that one looks at is in the
 * stream's buffer, which the other refills. */
#include <dirent.h>
#include <pthread.h>

static DIR *queue;

static void *worker(void *arg)
{
	int *files = arg;

	for (struct dirent *e; (e = readdir(queue));)
		*files += e->d_name[0] != '.';
	return NULL;
}

int main(void)
{
	int files[2] = {0};
	pthread_t t[2];

	queue = opendir("/etc");
	if (!queue)
		return 2;
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, worker, &files[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	closedir(queue);
	return !(files[0] + files[1]);
}
