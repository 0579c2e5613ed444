// SPDX-License-Identifier: MIT
/* expect: queue-never-closed warning */
// C++: a queue object for each import, whose thread nobody ends.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include "../stuck-thread/hang.h"

struct import {
	std::mutex m;
	std::condition_variable more;
	std::deque<int> rows;
	volatile int tid = 0, got = 0;

	void run()
	{
		tid = own_tid();
		for (;;) {
			std::unique_lock<std::mutex> l(m);
			more.wait(l, [this] { return !rows.empty(); });
			rows.pop_front();
			got = got + 1;
		}
	}
};

static import *start(int n)
{
	import *i = new import;
	std::thread t([i] { i->run(); });

	t.detach();
	until_asleep(&i->tid);
	for (int k = 0; k < n; k++) {
		std::lock_guard<std::mutex> l(i->m);
		i->rows.push_back(k);
		i->more.notify_one();
	}
	return i;
}

int main()
{
	import *all[3];

	for (auto &i : all)
		i = start(4);
	for (auto *i : all) {
		while (i->got < 4)
			usleep(1000);
		until_asleep(&i->tid);
	}
	return 0;
}
