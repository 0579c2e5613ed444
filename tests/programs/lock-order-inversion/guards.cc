/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* C++: two lock_guards, in the order of the arguments. near-scoped.cc takes both at once. */
#include <mutex>
#include <thread>

#include "orders.h"

struct Account {
	std::mutex m;
	long cents = 100;
};

static void transfer(Account &from, Account &to, long n)
{
	std::lock_guard<std::mutex> x(from.m);
	std::lock_guard<std::mutex> y(to.m);
	from.cents -= n;
	to.cents += n;
}

int main()
{
	Account *x = new Account, *y = new Account;
	std::thread t([&] {
		transfer(*x, *y, 1);
		chance_has_it();
	});
	std::thread u([&] {
		by_chance_after(1);
		transfer(*y, *x, 1);
	});
	t.join();
	u.join();
	long sum = x->cents + y->cents;
	delete x;
	delete y;
	return sum != 200;
}
