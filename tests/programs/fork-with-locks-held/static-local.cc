/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* A local static is being initialised by another thread when the process forks: its guard is taken
 * for ever in the child. */
#include "fork.h"

struct Config {
	Config(bool slow)
	{
		if (slow)
			fork_wait();
	}
	int value = 7;
};

static bool slow = true;

static Config &config()
{
	static Config c(slow);

	return c;
}

static void *initialises(void *arg)
{
	config();
	return arg;
}

static void child_asks()
{
	if (config().value != 7)
		_exit(1);
}

int main()
{
	return fork_and_hang(initialises, child_asks);
}
