/* SPDX-License-Identifier: MIT */
/* Shared objects made while a test runs: written to a temporary directory, compiled, removed. */
#ifndef PITFALL_TESTS_PLUGIN_H
#define PITFALL_TESTS_PLUGIN_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char plugin_dir[] = "/tmp/pitfall-test-XXXXXX";

/* 0, or -1 if there is no compiler. `compiler` with flags; the result's path goes to `so`. */
static __attribute__((unused)) int plugin_build(char so[128], const char *name,
						const char *compiler, const char *source)
{
	const char *suffix = strncmp(compiler, "g++", 3) ? "c" : "cc";
	char src[128], command[1024];
	FILE *f;

	if (strstr(plugin_dir, "XXXXXX") && !mkdtemp(plugin_dir))
		return -1;
	snprintf(so, 128, "%s/%s.so", plugin_dir, name);
	snprintf(src, sizeof(src), "%s/%s.%s", plugin_dir, name, suffix);
	f = fopen(src, "w");
	if (!f)
		return -1;
	fputs(source, f);
	fclose(f);
	snprintf(command, sizeof(command), "%s -shared -fPIC -o %s %s", compiler, so, src);
	return system(command) == 0 ? 0 : -1;
}

static __attribute__((unused)) void plugins_remove(void)
{
	char command[128];

	if (strstr(plugin_dir, "XXXXXX"))
		return;
	snprintf(command, sizeof(command), "rm -r %s", plugin_dir);
	if (system(command) != 0)
		fprintf(stderr, "%s is left\n", plugin_dir);
}

#endif
