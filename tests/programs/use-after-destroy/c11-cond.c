/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* C11: broadcast after the condition variable was destroyed. */
#include <threads.h>

static cnd_t ready;

static void announce(void)
{
	cnd_broadcast(&ready);
}

int main(void)
{
	cnd_init(&ready);
	announce();
	cnd_destroy(&ready);
	announce();
	return 0;
}
