/* SPDX-License-Identifier: MIT */
/* expect: barrier-misuse error */
/* Five threads in pairs; the program ends and leaves the fifth standing. */
#include <atomic>
#include <pthread.h>
#include <stdlib.h>
#include <thread>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t pairs;
static std::atomic<int> passed;

int main()
{
	struct timespec moment = {0, 1000000};

	pthread_barrier_init(&pairs, nullptr, 2);
	for (int i = 0; i < 5; i++)
		std::thread([] {
			pthread_barrier_wait(&pairs);
			passed++;
		}).detach();
	while (passed != 4)
		nanosleep(&moment, nullptr);
	for (int i = 0; i < 50; i++) /* until the four have ended and the fifth stands there */
		nanosleep(&moment, nullptr);
	exit(0);
}
