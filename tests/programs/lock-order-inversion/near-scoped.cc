/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* C++: std::scoped_lock takes both, whatever the order of its arguments, and backs off. */
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "orders.h"

struct Account {
	std::mutex m;
	long cents = 100;
};
static std::shared_mutex table;

static void transfer(Account &from, Account &to, long n)
{
	std::shared_lock<std::shared_mutex> all(table);
	std::scoped_lock both(from.m, to.m);
	from.cents -= n;
	to.cents += n;
}

int main()
{
	Account x, y;
	std::thread t([&] {
		for (int i = 0; i < 200; i++)
			transfer(x, y, 1);
	});
	std::thread u([&] {
		for (int i = 0; i < 200; i++)
			transfer(y, x, 1);
	});
	t.join();
	u.join();
	return x.cents + y.cents != 200;
}
