/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* A search returns as soon as it has found its file, with the directory still open. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static int has(const char *path, const char *name)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, name) == 0)
			return 1; /* closedir(d) is missing */
	closedir(d);
	return 0;
}

int main(void)
{
	int found = 0;

	for (int i = 0; i < 30; i++)
		found += has("/proc/self", i % 2 ? "status" : "no such name");
	return found != 15;
}
