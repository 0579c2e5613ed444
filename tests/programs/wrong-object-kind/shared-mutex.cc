/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* The handle of a std::shared_mutex that somebody holds goes to a function for mutexes. */
#include <future>
#include <pthread.h>
#include <shared_mutex>

struct plugin_api {
	void *lock;
	int (*is_busy)(void *lock);
};

static int is_busy(void *lock)
{
	auto *m = static_cast<pthread_mutex_t *>(lock);

	if (pthread_mutex_trylock(m) != 0)
		return 1;
	pthread_mutex_unlock(m);
	return 0;
}

int main()
{
	std::shared_mutex table;
	std::promise<void> held, done;
	plugin_api api = {table.native_handle(), is_busy};
	auto writer = std::async(std::launch::async, [&] {
		std::unique_lock<std::shared_mutex> lock(table);

		held.set_value();
		done.get_future().wait();
	});
	int busy;

	held.get_future().wait();
	busy = api.is_busy(api.lock);
	done.set_value();
	writer.get();
	return !busy;
}
