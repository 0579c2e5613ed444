/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A static object that joins its thread in its destructor. */
#include <condition_variable>
#include <mutex>
#include <thread>

struct heart {
	std::mutex lock;
	std::condition_variable stop;
	bool stopping = false;
	std::thread thread;

	heart()
	    : thread([this] {
		      std::unique_lock<std::mutex> hold(lock);
		      stop.wait(hold, [this] { return stopping; });
	      })
	{
	}
	~heart()
	{
		{
			std::lock_guard<std::mutex> hold(lock);
			stopping = true;
		}
		stop.notify_all();
		thread.join();
	}
};
static heart beating;

int main()
{
	return 0;
}
