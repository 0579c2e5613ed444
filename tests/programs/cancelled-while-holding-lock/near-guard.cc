/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Guards release while the cancellation unwinds. */
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <semaphore.h>
#include <thread>

static std::mutex lock;
static std::condition_variable changed;
static sem_t inside, never;

static void in_wait()
{
	std::unique_lock<std::mutex> held(lock);

	sem_post(&inside);
	for (;;)
		pthread_cond_wait(changed.native_handle(), lock.native_handle());
}

static void in_sem()
{
	std::lock_guard<std::mutex> held(lock);

	sem_post(&inside);
	sem_wait(&never);
}

int main()
{
	sem_init(&inside, 0, 0);
	sem_init(&never, 0, 0);
	for (auto f : {in_wait, in_sem}) {
		std::thread t(f);

		sem_wait(&inside);
		pthread_cancel(t.native_handle());
		t.join();
	}
	return lock.try_lock() ? 0 : 1;
}
