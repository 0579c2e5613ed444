/* SPDX-License-Identifier: MIT */
/* expect: failed-call warning */
/* std::thread throws std::system_error, and a catch-all takes it for something else. */
#include <pthread.h>
#include <system_error>
#include <thread>

static bool spawn()
{
	try {
		std::thread([] {}).join();
		return true;
	} catch (...) {
		return false; /* "try again later" */
	}
}

int main()
{
	pthread_attr_t attr;
	bool first = spawn(), second;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, size_t(1) << 47);
	if (pthread_setattr_default_np(&attr) != 0)
		return 2;
	second = spawn();
	pthread_attr_destroy(&attr);
	return !first || second;
}
