/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop warning note */
/*
 * One directory stream after another, each read to its end, all closed in the end. readdir() reads
 * inside the C library, so a rule that didn't see it may say no more than "suspected".
 */
#include "files.h"
#include <dirent.h>

#define PASSES 120

static int count_entries(DIR *dir)
{
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	return count;
}

static int count_often(void)
{
	DIR *dirs[PASSES];
	int count = 0;

	for (int i = 0; i < PASSES; i++) {
		dirs[i] = opendir(".");
		die_unless(dirs[i] != NULL, "opendir");
		count += count_entries(dirs[i]);
	}
	for (int i = 0; i < PASSES; i++)
		closedir(dirs[i]);
	return count;
}

int main(void)
{
	limit_descriptors(1024);
	scratch_enter(3);
	int count = count_often();
	scratch_leave();
	return count != 5 * PASSES;
}
