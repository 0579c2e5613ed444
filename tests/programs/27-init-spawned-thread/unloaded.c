/* SPDX-License-Identifier: MIT */
/* expect: init-spawned-thread warning */
/* loads: lib/sleeper.c */
/* The plugin is unloaded while its thread sleeps. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

int main(void)
{
	void *plugin = dlopen("$ORIGIN/libsleeper.so", RTLD_NOW | RTLD_LOCAL);
	struct timespec a_while = {.tv_nsec = 50000000};
	atomic_int *runs = plugin ? dlsym(plugin, "sleeper_runs") : NULL;

	if (!runs)
		return 2;
	while (!atomic_load(runs))
		;
	nanosleep(&a_while, NULL); /* until it is in the call, or the process would crash */
	return dlclose(plugin) ? 3 : 0;
}
