/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse warning */
/* A class around a semaphore whose guard is copied: two destructors give back one place. Nobody
 * destroys it. */
#include <semaphore.h>
#include <thread>

static sem_t places;

struct place {
	place()
	{
		sem_wait(&places);
	}
	~place()
	{
		sem_post(&places);
	}
};

static void visit(place p)
{
	(void)p;
}

static void guest()
{
	place p;

	visit(p);
}

int main()
{
	int value;

	sem_init(&places, 0, 3);
	for (int i = 0; i < 2; i++)
		std::thread(guest).join();
	sem_getvalue(&places, &value);
	return value == 5 ? 0 : 1;
}
