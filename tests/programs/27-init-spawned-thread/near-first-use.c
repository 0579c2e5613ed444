/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* loads: lib/lazy.c */
/* A plugin starts its worker when it is first called, after dlopen has returned. */
#include <dlfcn.h>
#include <stddef.h>

int main(void)
{
	void *plugin = dlopen("$ORIGIN/liblazy.so", RTLD_NOW | RTLD_LOCAL);
	int (*call)(void);

	if (!plugin)
		return 2;
	*(void **)&call = dlsym(plugin, "lazy_call");
	return call && call() == 1 ? 0 : 3;
}
