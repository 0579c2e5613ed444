/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* Streams that nobody closes. */
#include <stdio.h>

int main(void)
{
	char line[80];
	int n = 0;

	for (int i = 0; i < 20; i++) {
		FILE *f = fopen("/proc/self/status", "r");

		n += f && fgets(line, sizeof(line), f) != NULL;
	}
	return n == 20 ? 0 : 1;
}
