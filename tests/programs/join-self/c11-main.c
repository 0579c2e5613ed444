/* SPDX-License-Identifier: MIT */
/* expect: join-self error */
/* main joins main. */
#include <threads.h>

int main(void)
{
	return thrd_join(thrd_current(), NULL) == thrd_error ? 0 : 1;
}
