/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Sixteen logs, open for the whole life: a line now and then, which stays in the stream's buffer.
 */
#include <stdio.h>

enum { LOGS = 16 };

int main(void)
{
	FILE *log[LOGS];
	int bad = 0;

	for (int i = 0; i < LOGS; i++) {
		log[i] = fopen("/dev/null", "we");
		bad += !log[i] || fprintf(log[i], "log %d begins\n", i) < 0;
	}
	for (int i = 0; !bad && i < 100; i++)
		bad += fprintf(log[i % LOGS], "line %d\n", i) < 0;
	return bad;
}
