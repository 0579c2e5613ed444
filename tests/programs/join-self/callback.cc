/* SPDX-License-Identifier: MIT */
/* expect: join-self error */
/* A callback stops the object whose thread runs it. */
#include <atomic>
#include <functional>
#include <system_error>
#include <thread>

struct ticker {
	std::thread t;
	bool refused = false;
	std::atomic<bool> started{false};

	void start(std::function<void()> f)
	{
		t = std::thread(f);
		started = true;
	}
	void stop()
	{
		try {
			t.join();
		} catch (const std::system_error &) {
			refused = true;
		}
	}
};

int main()
{
	static ticker x;
	static std::thread starter([] {
		x.start([] {
			while (!x.started)
				;
			x.stop();
		});
	});

	starter.join();
	x.t.join();
	return x.refused ? 0 : 1;
}
