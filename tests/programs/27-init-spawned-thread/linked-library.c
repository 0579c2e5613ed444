/* SPDX-License-Identifier: MIT */
/* expect: init-spawned-thread warning */
/* links: lib/telemetry.c */
/* A linked library's constructor starts a detached reporter. */
#include <sched.h>

void telemetry_count(void);
long telemetry_rounds(void);

int main(void)
{
	while (telemetry_rounds() < 3)
		telemetry_count();
	return 0;
}
