/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A pool hands out the same memory again and again, and never tells anybody: C objects that are
 * made and never destroyed, then C++ ones that have no init call. */
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <pthread.h>
#include <semaphore.h>
#include <shared_mutex>
#include <thread>

struct pool {
	unsigned char *memory = static_cast<unsigned char *>(::operator new(128));
	~pool()
	{
		::operator delete(memory);
	}
	void *take()
	{
		return std::memset(memory, 0, 128);
	}
};

template <class T> static void use(pool &p)
{
	T *t = new (p.take()) T;

	t->lock();
	t->unlock();
	t->~T();
}

static void session(pool &p)
{
	auto *m = static_cast<pthread_mutex_t *>(p.take());

	pthread_mutex_init(m, nullptr);
	pthread_mutex_lock(m);
	pthread_mutex_unlock(m);
	use<std::shared_mutex>(p);

	auto *s = static_cast<sem_t *>(p.take());

	sem_init(s, 0, 1);
	sem_wait(s);
	use<std::mutex>(p);

	auto *c = new (p.take()) std::condition_variable;

	c->notify_one();
	c->~condition_variable();
	use<std::recursive_mutex>(p);
}

int main()
{
	pool p;

	for (int i = 0; i < 5; i++)
		session(p);
	std::thread([&] { session(p); }).join();
}
