// SPDX-License-Identifier: MIT
/* expect: uninitialised-use warning */
/* C++: a constructor that forgets one of its members. */
#include <cstdlib>
#include <cstring>
#include <new>
#include <semaphore.h>

struct Worker {
	sem_t go;
	int jobs;
	Worker()
	{
	}
	void start()
	{
		sem_post(&go);
	}
};

int main()
{
	void *p = calloc(1, sizeof(Worker));

	memset(p, 0x55, 8); /* more of it, and libc aborts */
	__asm__ volatile(""
			 :
			 : "r"(p)
			 : "memory"); /* a new object's bytes are nobody's: keep them */
	auto *w = new (p) Worker;
	w->start();
	free(p);
	return 0;
}
