// SPDX-License-Identifier: MIT
/* expect: deadlock error */
/* hangs: --on-deadlock=exit -> 143 */
// Hand over to each other a hundred times; then one round too many is waited for on both sides.
#include <semaphore.h>
#include <thread>

namespace
{
sem_t there, back;

void there_and_back()
{
	for (int i = 0; i < 100; i++) {
		sem_post(&there);
		sem_wait(&back);
	}
	sem_wait(&back);
}

void back_and_there()
{
	for (int i = 0; i < 100; i++) {
		sem_wait(&there);
		sem_post(&back);
	}
	sem_wait(&there);
}
} // namespace

int main()
{
	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	std::thread a(there_and_back), b(back_and_there);
	a.join();
	b.join();
	return 1;
}
