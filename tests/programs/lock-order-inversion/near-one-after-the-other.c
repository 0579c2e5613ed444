/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Each thread is joined before the next is started. */
#include "orders.h"

int main(void)
{
	for (int i = 0; i < 4; i++)
		run(i % 2 ? a_then_b : b_then_a);
	return 0;
}
