/* SPDX-License-Identifier: MIT */
/* expect: fork-with-locks-held error */
/* The child of a child hangs, on a std::mutex in a heap object. */
#include <memory>
#include <mutex>
#include "fork.h"

struct Cache {
	std::mutex lock;
	int entries = 0;
};
static std::unique_ptr<Cache> cache;

static void *fills(void *arg)
{
	std::lock_guard<std::mutex> g(cache->lock);

	cache->entries++;
	fork_wait();
	return arg;
}

static void child()
{
	pid_t second = fork();

	if (second == 0) {
		alarm(2);
		std::lock_guard<std::mutex> g(cache->lock);
		_exit(cache->entries);
	}
	waitpid(second, nullptr, 0);
}

int main()
{
	cache = std::make_unique<Cache>();
	return fork_and_hang(fills, child);
}
