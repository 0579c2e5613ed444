/* SPDX-License-Identifier: MIT */
/* expect: unlock-not-held error */
/* unlock() by hand under a guard that unlocks as well. */
#include <mutex>

static std::mutex lock;
static int value;

static int take()
{
	std::lock_guard<std::mutex> held(lock);
	int v = value;

	lock.unlock();
	return v;
}

int main()
{
	return take();
}
