// SPDX-License-Identifier: MIT
/* expect: unread-result-queue warning */
// C++: an unbuffered channel that all requests share; the last ones are answered from elsewhere.
#include <condition_variable>
#include <mutex>
#include <thread>
#include "../stuck-thread/hang.h"

struct channel {
	std::mutex m;
	std::condition_variable value, taken, empty;
	bool full = false;
	int item = 0;
	long given = 0, got = 0;

	void send(int v)
	{
		std::unique_lock<std::mutex> l(m);
		empty.wait(l, [this] { return !full; });
		item = v;
		full = true;
		long mine = ++given;
		value.notify_one();
		taken.wait(l, [&] { return got >= mine; });
	}
	int receive()
	{
		std::unique_lock<std::mutex> l(m);
		value.wait(l, [this] { return full; });
		full = false;
		got++;
		taken.notify_all();
		empty.notify_one();
		return item;
	}
};

static channel &results = *new channel;
static volatile int tids[8];

static int ask(int i)
{
	std::thread t([i] {
		tids[i] = own_tid();
		results.send(i);
	});

	t.detach();
	return i < 5 ? results.receive() : i;
}

int main()
{
	int sum = 0;

	for (int i = 0; i < 8; i++)
		sum += ask(i);
	for (int i = 5; i < 8; i++)
		until_asleep(&tids[i]);
	return sum == 0;
}
