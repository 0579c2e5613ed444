/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* The answer of a command is read, and the pipe (and the child's remains) forgotten. */
#include <stdio.h>

int main(void)
{
	char line[16];
	int good = 0;

	for (int i = 0; i < 10; i++) {
		FILE *f = popen("echo yes", "r");

		good += f && fgets(line, sizeof(line), f); /* pclose(f) is missing */
	}
	return good != 10;
}
