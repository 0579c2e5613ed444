/* SPDX-License-Identifier: MIT */
/*
 * Tells a running process from one that vanished. A pid alone proves nothing (reused, or of another
 * namespace). Owns nothing; called from reader.c; not signal-safe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "alive.h"
#include "util.h"

u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

static bool same_boot(const struct process_facts *f)
{
	char id[64] = "";
	FILE *in;

	if (!f->boot_id || !*f->boot_id)
		return true;
	in = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (in && fgets(id, sizeof(id), in))
		id[strcspn(id, "\n")] = '\0';
	if (in)
		fclose(in);
	return strncmp(id, f->boot_id, strlen(id)) == 0;
}

/* 1 maps NAME, 0 does not, -1 not allowed to know. */
static int maps_file(int pid, const char *name)
{
	char path[64], *line = NULL;
	size_t cap = 0;
	int found = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	in = fopen(path, "re");
	if (!in)
		return -1;
	while (!found && getline(&line, &cap, in) > 0)
		found = strstr(line, name) != NULL;
	free(line);
	fclose(in);
	return found;
}

/* State letter, and seconds since boot at which PID began. */
static int stat_of(int pid, char *state, double *began)
{
	char path[64], text[1024], *end;
	unsigned long long ticks;
	size_t n;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	in = fopen(path, "re");
	if (!in)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	end = strrchr(text, ')');
	if (!end ||
	    sscanf(
		end + 1,
		" %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		state, &ticks) != 2)
		return -1;
	*began = (double)ticks / (double)sysconf(_SC_CLK_TCK);
	return 0;
}

bool process_alive(const struct process_facts *f, const char *state)
{
	struct timespec mono, boot;
	double began, offset;
	char letter;
	int maps;

	if (f->pid <= 0 || !same_boot(f) || stat_of(f->pid, &letter, &began) != 0)
		return false;
	if (letter == 'Z' || letter == 'X')
		return false;
	maps = state ? maps_file(f->pid, path_base(state)) : -1;
	if (maps >= 0)
		return maps == 1;
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	offset = (double)(boot.tv_sec - mono.tv_sec) + (double)(boot.tv_nsec - mono.tv_nsec) / 1e9;
	/* an exec keeps the start time, so the trace may be younger than its process, never older
	 */
	return began - offset <= (double)f->started / 1e9 + 0.1;
}
