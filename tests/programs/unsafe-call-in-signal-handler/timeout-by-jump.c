/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* A timeout by siglongjmp out of a read, once; later another handler prints while main computes. It
 * interrupts no call then: the one that was left by the jump is over. On an alternate stack of 8
 * KiB. */
#include <setjmp.h>
#include "wait.h"

static sigjmp_buf out;
static volatile sig_atomic_t armed;
static volatile long spins;
static FILE *log_file;

static void on_timeout(int sig)
{
	(void)sig;
	if (armed)
		siglongjmp(out, 1);
}

static void on_tick(int sig)
{
	(void)sig;
	fputs("tick\n", log_file);
	came++;
}

__attribute__((noinline)) static void read_line(FILE *f)
{
	char line[64];

	if (sigsetjmp(out, 1) == 0) {
		armed = 1;
		fgets(line, sizeof(line), f);
	}
	armed = 0;
}

int main(void)
{
	stack_t s;
	FILE *f;
	int p[2];

	memset(&s, 0, sizeof(s));
	s.ss_sp = malloc(8192);
	s.ss_size = 8192;
	sigaltstack(&s, NULL);
	log_file = fopen("/dev/null", "w");
	pipe(p);
	f = fdopen(p[0], "r");
	on(SIGALRM, on_timeout, SA_ONSTACK);
	tick();
	read_line(f);
	no_tick();
	on(SIGALRM, on_tick, SA_ONSTACK);
	tick();
	while (came < 10)
		spins++;
	no_tick();
	close(p[1]);
	fclose(f);
	fclose(log_file);
	free(s.ss_sp);
	return 0;
}
