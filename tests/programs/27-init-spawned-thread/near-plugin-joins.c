/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* loads: lib/polite.c */
/* A plugin whose destructor stops and joins the thread: once by dlclose, once at the exit. */
#include <dlfcn.h>

int main(void)
{
	void *plugin = dlopen("$ORIGIN/libpolite.so", RTLD_NOW | RTLD_LOCAL);

	if (!plugin || dlclose(plugin))
		return 2;
	return dlopen("$ORIGIN/libpolite.so", RTLD_NOW | RTLD_LOCAL) ? 0 : 3;
}
