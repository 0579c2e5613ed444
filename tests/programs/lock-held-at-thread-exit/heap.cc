/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* lock() without a guard, and an exception that goes round unlock(). */
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

struct account {
	std::mutex lock;
	int balance = 0;

	void withdraw(int amount)
	{
		lock.lock();
		if (amount > balance)
			throw std::runtime_error("not covered");
		balance -= amount;
		lock.unlock();
	}
};

int main()
{
	auto a = std::make_unique<account>();
	std::thread t([&a] {
		try {
			a->withdraw(1);
		} catch (const std::runtime_error &) {
		}
	});
	bool left;

	t.join();
	left = !a->lock.try_lock();
	if (left)
		a.release(); /* a locked mutex must not be destroyed */
	return left ? 0 : 1;
}
