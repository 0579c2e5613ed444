/* SPDX-License-Identifier: MIT */
/* expect: cancelled-while-holding-lock error */
/* A std::mutex locked by hand, and a cancellation point inside. */
#include <mutex>
#include <pthread.h>
#include <semaphore.h>
#include <thread>

static std::mutex lock;
static sem_t inside, never;

static void transfer()
{
	lock.lock();
	sem_post(&inside);
	sem_wait(&never);
	lock.unlock();
}

int main()
{
	sem_init(&inside, 0, 0);
	sem_init(&never, 0, 0);
	std::thread t(transfer);

	sem_wait(&inside);
	pthread_cancel(t.native_handle());
	t.join();
	return lock.try_lock() ? 1 : 0;
}
