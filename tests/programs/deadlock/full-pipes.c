/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* hangs: --timeout 1 -> 124 */
/* Two threads send each other more than a pipe holds before either of them reads. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static int to_a[2], to_b[2];

static void *talks(void *arg)
{
	int out = arg ? to_a[1] : to_b[1], in = arg ? to_b[0] : to_a[0];
	static char much[1 << 20];
	char hello;

	if (write(out, "h", 1) != 1 || read(in, &hello, 1) != 1)
		return NULL;
	if (write(out, much, sizeof(much)) < 0)
		return NULL;
	return read(in, &hello, 1) == 1 ? arg : NULL;
}

int main(void)
{
	pthread_t a, b;

	if (pipe(to_a) || pipe(to_b))
		return 1;
	pthread_create(&a, NULL, talks, NULL);
	pthread_create(&b, NULL, talks, to_a);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 1;
}
