/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Detached threads work on after the answer, but are counted, and waited for before the end. */
extern "C" {
#include "server.h"
}
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex lock;
static std::condition_variable none_left;
static int running;

static void work()
{
	std::this_thread::sleep_for(std::chrono::milliseconds(30));
	std::lock_guard<std::mutex> hold(lock);
	if (--running == 0)
		none_left.notify_all();
}

int main()
{
	int fd = server_listen();
	std::thread client(client_one_by_one, nullptr);

	for (int i = 0; i < N; i++) {
		int peer = accept(fd, NULL, NULL);
		char c;

		if (peer < 0 || read(peer, &c, 1) != 1)
			return 1;
		{
			std::lock_guard<std::mutex> hold(lock);
			running++;
		}
		std::thread(work).detach();
		if (write(peer, &c, 1) != 1)
			return 2;
		close(peer);
	}
	client.join();
	close(fd);
	std::unique_lock<std::mutex> hold(lock);
	none_left.wait(hold, [] { return running == 0; });
	return 0;
}
