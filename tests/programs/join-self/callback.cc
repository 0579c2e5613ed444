/* SPDX-License-Identifier: MIT */
/* expect: join-self error */
/* A callback stops the object whose thread runs it. */
#include <functional>
#include <system_error>
#include <thread>

struct ticker {
	std::thread t;
	bool refused = false;

	void start(std::function<void()> f)
	{
		t = std::thread(f);
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
			while (x.t.get_id() != std::this_thread::get_id())
				;
			x.stop();
		});
	});

	starter.join();
	x.t.join();
	return x.refused ? 0 : 1;
}
