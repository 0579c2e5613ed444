// SPDX-License-Identifier: MIT
/* expect: clean */
// A worker finds that all is done and ends the process itself, from within: nobody could have
// joined it.
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>

static std::mutex state;

int main()
{
	std::thread worker([] {
		std::lock_guard<std::mutex> guard(state);
		std::exit(0);
	});

	for (;;)
		pause();
}
