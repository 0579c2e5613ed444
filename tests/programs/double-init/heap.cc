// SPDX-License-Identifier: MIT
/* expect: double-init warning */
/* C++: the constructor initialises it, and so does open(). */
#include <memory>
#include <pthread.h>

class Cache
{
	pthread_rwlock_t lock;
	int n = 0;

      public:
	Cache()
	{
		pthread_rwlock_init(&lock, nullptr);
	}
	~Cache()
	{
		pthread_rwlock_destroy(&lock);
	}
	void open()
	{
		pthread_rwlock_init(&lock, nullptr);
	}
	int get()
	{
		pthread_rwlock_rdlock(&lock);
		int v = n;
		pthread_rwlock_unlock(&lock);
		return v;
	}
};

int main()
{
	auto cache = std::make_unique<Cache>();

	cache->open();
	return cache->get();
}
