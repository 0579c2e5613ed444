/* SPDX-License-Identifier: MIT */
/* expect: cond-two-mutexes error */
/* Each session has its mutex, the condition variable is a static of the class. */
#include <condition_variable>
#include <mutex>
#include <thread>

struct session {
	std::mutex lock;
	bool waits = false, done = false;
	static std::condition_variable changed;

	void wait()
	{
		std::unique_lock<std::mutex> held(lock);

		waits = true;
		while (!done)
			changed.wait(held);
	}
	bool is_waiting()
	{
		std::lock_guard<std::mutex> held(lock);
		return waits;
	}
	void finish()
	{
		std::lock_guard<std::mutex> held(lock);
		done = true;
		changed.notify_all();
	}
};
std::condition_variable session::changed;

int main()
{
	session a, b;
	std::thread first(&session::wait, &a);

	while (!a.is_waiting())
		;
	std::thread second(&session::wait, &b);
	while (!b.is_waiting())
		;
	a.finish();
	b.finish();
	first.join();
	second.join();
	return 0;
}
