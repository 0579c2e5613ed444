/* SPDX-License-Identifier: MIT */
/* Bound to the timers of glibc 2.2.5 on x86-64, whose ids are ints: what lies beside the id must
 * not be touched. */
#include "scene.h"

#include <signal.h>
#include <time.h>

__asm__(".symver create_old, timer_create@GLIBC_2.2.5\n"
	".symver settime_old, timer_settime@GLIBC_2.2.5\n"
	".symver overrun_old, timer_getoverrun@GLIBC_2.2.5\n"
	".symver delete_old, timer_delete@GLIBC_2.2.5");
extern int create_old(clockid_t, struct sigevent *, int *);
extern int settime_old(int, int, const struct itimerspec *, struct itimerspec *);
extern int overrun_old(int);
extern int delete_old(int);

int main(void)
{
	struct {
		int id, beside;
	} t[3] = {{-1, 77}, {-1, 77}, {-1, 77}};
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	struct itimerspec hour = {.it_value = {.tv_sec = 3600}}, was;

	for (int i = 0; i < 3; i++) {
		assert(create_old(CLOCK_MONOTONIC, &ev, &t[i].id) == 0);
		assert(t[i].id >= 0 && t[i].id < 256 && t[i].beside == 77);
		assert(settime_old(t[i].id, 0, &hour, NULL) == 0);
	}
	assert(settime_old(t[1].id, 0, &hour, &was) == 0 && was.it_value.tv_sec >= 3590);
	assert(overrun_old(t[1].id) == 0);
	for (int i = 0; i < 3; i++)
		assert(delete_old(t[i].id) == 0);
	puts("old");
	return 0;
}
