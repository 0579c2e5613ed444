/* SPDX-License-Identifier: MIT */
/* expect: init-spawned-thread warning */
/* loads: lib/telemetry.c */
/* A plugin that stays loaded: its constructor ran inside dlopen(). */
#include <dlfcn.h>
#include <stddef.h>

int main(void)
{
	void *plugin = dlopen("$ORIGIN/libtelemetry.so", RTLD_NOW | RTLD_LOCAL);
	long (*rounds)(void);

	if (!plugin)
		return 2;
	*(void **)&rounds = dlsym(plugin, "telemetry_rounds");
	if (!rounds)
		return 3;
	while (rounds() < 3)
		;
	return 0;
}
