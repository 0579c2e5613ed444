/* SPDX-License-Identifier: MIT */
/* expect: self-deadlock error */
/* A subscriber subscribes another one from within its call, which comes under the bus's lock. */
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>

class Bus {
	std::mutex lock;
	std::map<int, std::function<void()>> subscriber;

public:
	void publish()
	{
		std::lock_guard<std::mutex> l(lock);
		for (auto &s : subscriber)
			s.second();
	}
	void subscribe(int id, std::function<void()> f)
	{
		std::lock_guard<std::mutex> l(lock);
		subscriber[id] = std::move(f);
	}
};

int main()
{
	static Bus bus;

	bus.subscribe(1, [] { bus.subscribe(2, [] {}); });
	std::thread([] { bus.publish(); }).detach();
	usleep(300000);
	_exit(0);
}
