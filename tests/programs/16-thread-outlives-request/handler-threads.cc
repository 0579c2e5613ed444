/* SPDX-License-Identifier: MIT */
/* expect: thread-outlives-request warning */
/* Each connection has a thread of its own that answers, closes and ends; what it started goes on.
 */
extern "C" {
#include "server.h"
}
#include <chrono>
#include <string>
#include <thread>
#include <vector>

static sem_t there;

static void handle(int fd)
{
	std::string body(5000, 'b');
	char c;

	if (read(fd, &c, 1) == 1) {
		std::thread([body] {
			sem_post(&there);
			std::this_thread::sleep_for(std::chrono::seconds(30 + body.empty()));
		}).detach();
		if (write(fd, &c, 1) != 1)
			exit(2);
	}
	close(fd);
}

int main()
{
	int fd = server_listen();
	std::vector<std::thread> handlers;
	std::thread client(client_one_by_one, nullptr);

	sem_init(&there, 0, 0);
	for (int i = 0; i < N; i++)
		handlers.emplace_back(handle, accept(fd, NULL, NULL));
	for (auto &h : handlers)
		h.join();
	client.join();
	close(fd);
	all_there(&there, N);
	return 0;
}
