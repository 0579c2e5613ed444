/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* C11: gives way a fixed number of times for nothing, as a loop with runtime.Gosched() would. */
#include <threads.h>
#include "spin.h"

static int polite(void *arg)
{
	int *turns = arg;

	until_main_waits();
	for (int i = 0; i < LONG_SPIN; i++) {
		thrd_yield();
		++*turns;
	}
	return 0;
}

int main(void)
{
	thrd_t t;
	int turns = 0;

	MUST(thrd_create(&t, polite, &turns) == thrd_success);
	thrd_join(t, NULL);
	return turns == LONG_SPIN ? 0 : 3;
}
