// SPDX-License-Identifier: MIT
/* expect: use-after-destroy error */
/* C++: close() destroys what the destructor of a guard, further out, gives back. */
#include <memory>
#include <pthread.h>

class Store
{
	pthread_rwlock_t lock;
	int value = 0;

      public:
	Store()
	{
		pthread_rwlock_init(&lock, nullptr);
	}
	void close()
	{
		pthread_rwlock_destroy(&lock);
	}
	int put(int v)
	{
		pthread_rwlock_wrlock(&lock);
		value = v;
		pthread_rwlock_unlock(&lock);
		return value;
	}
};

struct Flush {
	Store &store;
	explicit Flush(Store &s) : store(s)
	{
	}
	~Flush()
	{
		store.put(2);
	}
};

int main()
{
	auto store = std::make_unique<Store>();
	Flush flush(*store);

	store->put(1);
	store->close();
	return 0;
}
