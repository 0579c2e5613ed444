/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* A local static's initialiser needs a lock; who holds that lock needs the static. */
#include <mutex>
#include <thread>

#include "ring.h"

static std::mutex config_lock;

static int load()
{
	all_hold();
	std::lock_guard<std::mutex> l(config_lock);
	return 1;
}

static int setting()
{
	static int value = load();
	return value;
}

int main()
{
	meet(2);
	std::thread([] { setting(); }).detach();
	std::thread([] {
		std::lock_guard<std::mutex> l(config_lock);
		all_hold();
		setting();
	}).detach();
	return hang_a_while();
}
