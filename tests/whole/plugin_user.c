/* SPDX-License-Identifier: MIT */
/* Loads libplug.so by its bare name, which only this program's RUNPATH reaches, uses it, and lets
 * it go. */
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	void *plug = dlopen("libplug.so", RTLD_NOW);
	int (*answer)(void) = plug ? (int (*)(void))dlsym(plug, "plug_answer") : NULL;

	if (!answer) {
		printf("%s\n", dlerror());
		return 1;
	}
	printf("%d\n", answer());
	return dlclose(plug);
}
