// SPDX-License-Identifier: MIT
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
// A writer takes what a producer has posted; the producer throws and is gone, caught by its own
// catch-all; the writer's owner waits for the writer.
#include <semaphore.h>
#include <stdexcept>
#include <thread>

namespace
{
sem_t items;

void produce()
{
	try {
		for (int i = 0; i < 3; i++)
			sem_post(&items);
		throw std::runtime_error("no more input");
	} catch (...) {
	}
}

void write_out()
{
	for (int i = 0; i < 4; i++)
		sem_wait(&items);
}
} // namespace

int main()
{
	sem_init(&items, 0, 0);
	std::thread writer(write_out), producer(produce);
	producer.join();
	writer.join();
	return 1;
}
