// SPDX-License-Identifier: MIT
/* expect: sync-object-leak note */
/* C++: a class without a destructor. */
#include <memory>
#include <pthread.h>

struct Account {
	pthread_mutex_t lock;
	long balance = 0;
	Account()
	{
		pthread_mutex_init(&lock, nullptr);
	}
	void add(long n)
	{
		pthread_mutex_lock(&lock);
		balance += n;
		pthread_mutex_unlock(&lock);
	}
};

int main()
{
	long sum = 0;

	for (int i = 0; i < 10; i++) {
		auto a = std::make_unique<Account>();
		a->add(i);
		sum += a->balance;
	}
	return sum != 45;
}
