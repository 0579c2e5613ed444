/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The other order only before the first thread is started and after the last one was joined. */
#include "orders.h"

int main(void)
{
	pthread_t t[3];

	b_then_a(NULL);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, a_then_b, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	b_then_a(NULL);
	return 0;
}
