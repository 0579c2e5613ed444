// SPDX-License-Identifier: MIT
/* expect: unsafe-call-in-signal-handler error */
// C++: a std::timed_mutex asked for in a handler while the same thread's code holds it.
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>
#include "wait.h"

static std::timed_mutex config;
static std::atomic<bool> held, done;

extern "C" void on_reload(int)
{
	if (config.try_lock_for(std::chrono::milliseconds(1)))
		config.unlock();
	done = true;
}

int main()
{
	signal(SIGUSR2, on_reload);
	std::thread worker([] {
		std::lock_guard<std::timed_mutex> g(config);

		held = true;
		while (!done)
			;
	});
	while (!held)
		;
	pthread_kill(worker.native_handle(), SIGUSR2);
	worker.join();
	return 0;
}
