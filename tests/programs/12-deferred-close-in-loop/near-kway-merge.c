/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A k-way merge: all runs are open at once because each is read again and again in turn. */
#include "files.h"

#define RUNS   100
#define ROUNDS 4

struct run {
	int fd;
	int next; /* smallest number not yet merged, -1 at the end */
};

static int run_next(struct run *run)
{
	char record[5] = {0};

	if (read(run->fd, record, 4) != 4)
		return -1;
	return atoi(record);
}

static void write_runs(void)
{
	char name[16];

	for (int i = 0; i < RUNS; i++) {
		int fd = open(file_name(name, i), O_WRONLY | O_TRUNC | O_CLOEXEC);

		die_unless(fd >= 0, name);
		for (int k = 0; k < ROUNDS; k++)
			dprintf(fd, "%04d", i + k * RUNS);
		close(fd);
	}
}

static struct run *smallest(struct run *runs)
{
	struct run *best = NULL;

	for (int i = 0; i < RUNS; i++)
		if (runs[i].next >= 0 && (best == NULL || runs[i].next < best->next))
			best = &runs[i];
	return best;
}

static int merge_runs(void)
{
	struct run runs[RUNS], *run;
	char name[16];
	int count = 0;

	for (int i = 0; i < RUNS; i++) {
		runs[i].fd = open(file_name(name, i), O_RDONLY | O_CLOEXEC);
		die_unless(runs[i].fd >= 0, name);
		runs[i].next = run_next(&runs[i]);
	}
	while ((run = smallest(runs)) != NULL) {
		die_unless(run->next == count++, "order");
		run->next = run_next(run);
	}
	for (int i = 0; i < RUNS; i++)
		close(runs[i].fd);
	return count;
}

int main(void)
{
	limit_descriptors(512);
	scratch_enter(RUNS);
	write_runs();
	int count = merge_runs();
	scratch_leave();
	return count != RUNS * ROUNDS;
}
