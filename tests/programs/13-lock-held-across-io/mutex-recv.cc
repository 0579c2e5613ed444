/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* C++: a lock_guard on a std::mutex lives until after recv(). */
#include "peer.h"
#include <mutex>
#include <thread>

struct Session {
	std::mutex mutex;
	struct peer peer = {};
	int answers = 0;

	void request()
	{
		std::lock_guard<std::mutex> guard(mutex);
		char byte = 0;

		peer_ask(&peer);
		die_unless(recv(peer.fd, &byte, 1, 0) == 1, "recv");
		answers += byte == 'b';
	}

	int count()
	{
		std::lock_guard<std::mutex> guard(mutex);

		return answers;
	}
};

int main()
{
	Session session;
	int looks = 0;

	peer_start(&session.peer);
	std::thread observer([&] {
		for (int i = 0; i < ROUNDS; i++) {
			sem_wait(&session.peer.asked);
			looks += session.count() > i;
		}
	});
	for (int i = 0; i < ROUNDS; i++)
		session.request();
	observer.join();
	peer_stop(&session.peer);
	return session.answers != ROUNDS || looks != ROUNDS;
}
