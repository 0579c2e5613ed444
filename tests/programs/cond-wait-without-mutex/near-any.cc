/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* condition_variable_any has a mutex of its own inside; the program's lock may be anything. */
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

static std::shared_mutex lock;
static std::mutex other;
static std::condition_variable_any changed;
static int ready, seen;

static void reader()
{
	std::shared_lock<std::shared_mutex> held(lock);

	while (!ready)
		changed.wait(held);
}

static void counter()
{
	std::unique_lock<std::mutex> held(other);

	while (!seen)
		changed.wait(held);
}

int main()
{
	std::vector<std::thread> threads;

	for (int i = 0; i < 3; i++)
		threads.emplace_back(reader);
	threads.emplace_back(counter);
	{
		std::unique_lock<std::shared_mutex> held(lock);
		ready = 1;
	}
	{
		std::unique_lock<std::mutex> held(other);
		seen = 1;
	}
	changed.notify_all();
	for (auto &t : threads)
		t.join();
	return 0;
}
