// SPDX-License-Identifier: MIT
/* expect: lock-order-inversion warning */
/* C++: two locks in each connection, for reading and writing, taken either way round, each way on
 * another connection. */
#include <mutex>
#include <thread>
#include <vector>

#include "orders.h"

struct Connection {
	std::mutex in, out;
	int value = 0;
	void serve()
	{
		std::lock_guard<std::mutex> x(in);
		std::lock_guard<std::mutex> y(out);
		value++;
	}
	void close()
	{
		std::lock_guard<std::mutex> x(out);
		std::lock_guard<std::mutex> y(in);
		value--;
	}
	/* All are seen at one place first. */
	void open()
	{
		std::lock_guard<std::mutex> x(in);
		std::lock_guard<std::mutex> y(out);
	}
};

int main()
{
	Connection *one = new Connection, *other = new Connection;
	std::thread open([&] {
		for (Connection *c : {one, other})
			c->open();
		chance_has_it();
	});
	std::thread t([&] {
		by_chance_after(1);
		one->serve();
		chance_has_it();
	});
	std::thread u([&] {
		by_chance_after(2);
		other->close();
	});
	open.join();
	t.join();
	u.join();
	delete one;
	delete other;
	return 0;
}
