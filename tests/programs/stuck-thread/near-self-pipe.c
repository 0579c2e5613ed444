/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* The self-pipe: main reads what its handler writes. */
#include <signal.h>
#include <unistd.h>

static int p[2];

static void on_hup(int sig)
{
	(void)sig;
	if (write(p[1], "h", 1) < 0)
		_exit(1);
}

int main(void)
{
	char c;

	if (pipe(p))
		return 1;
	signal(SIGHUP, on_hup);
	while (read(p[0], &c, 1) != 1)
		;
	return 0;
}
