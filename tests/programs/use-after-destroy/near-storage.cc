// SPDX-License-Identifier: MIT
/* expect: clean */
/* C++: storage of one object is used for the next; std:: types have no init call, and some no
 * destroy call either. */
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <pthread.h>
#include <shared_mutex>
#include <thread>

struct Old {
	pthread_rwlock_t rw;
	pthread_mutex_t m;
	Old()
	{
		pthread_rwlock_init(&rw, nullptr);
		pthread_mutex_init(&m, nullptr);
	}
	~Old()
	{
		pthread_rwlock_destroy(&rw);
		pthread_mutex_destroy(&m);
	}
};

struct New {
	std::shared_mutex rw;
	std::mutex m;
	std::condition_variable cv;
	bool ready = false;
};

alignas(64) static unsigned char storage[sizeof(New) + sizeof(Old)];

static void talk(New *n)
{
	std::thread t([n] {
		std::lock_guard<std::mutex> g(n->m);
		n->ready = true;
		n->cv.notify_one();
	});
	{
		std::unique_lock<std::mutex> g(n->m);
		n->cv.wait(g, [n] { return n->ready; });
	}
	{
		std::shared_lock<std::shared_mutex> s(n->rw);
	}
	t.join();
}

int main()
{
	for (int i = 0; i < 20; i++) {
		auto *o = new (storage) Old;
		pthread_mutex_lock(&o->m);
		pthread_mutex_unlock(&o->m);
		o->~Old();
		auto *n = new (storage) New;
		talk(n);
		n->~New();
	}
	for (int i = 0; i < 20; i++) {
		auto o = std::make_unique<Old>();
		o.reset();
		auto n = std::make_unique<New>();
		talk(n.get());
	}
	return 0;
}
