/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Joined as late as can be: by a static object's destructor, by an atexit handler, by a function of
 * .fini_array. */
#include <atomic>
#include <cstdlib>
#include <pthread.h>
#include <thread>
#include <vector>

static std::atomic<bool> stop;

static void spin()
{
	while (!stop)
		std::this_thread::yield();
}

static void *spin_too(void *arg)
{
	spin();
	return arg;
}

struct Pool {
	std::vector<std::thread> threads;

	~Pool()
	{
		stop = true;
		for (auto &t : threads)
			t.join();
	}
};

static Pool pool;
static pthread_t early, late;

static void join_early()
{
	stop = true;
	pthread_join(early, nullptr);
}

__attribute__((destructor)) static void join_late()
{
	stop = true;
	pthread_join(late, nullptr);
}

int main()
{
	for (int i = 0; i < 3; i++)
		pool.threads.emplace_back(spin);
	if (pthread_create(&early, nullptr, spin_too, nullptr) ||
	    pthread_create(&late, nullptr, spin_too, nullptr))
		return 2;
	return atexit(join_early);
}
