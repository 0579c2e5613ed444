/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A handler of faults, as interpreters have it: it says what happened and goes on. */
#include <setjmp.h>
#include "wait.h"

static sigjmp_buf out;

static void on_fault(int sig)
{
	printf("fault %d\n", sig);
	siglongjmp(out, 1);
}

int main(void)
{
	volatile int *volatile nowhere = NULL;

	on(SIGSEGV, on_fault, 0);
	if (sigsetjmp(out, 1) == 0)
		*nowhere = 1;
	printf("survived\n");
	return 0;
}
