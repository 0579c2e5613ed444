/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/* C++: a class arms a ticker in its constructor and has no destructor; its objects come and go. */
#include "ticks.h"
#include <memory>
#include <thread>

class Ticker
{
      public:
	explicit Ticker(long ms) : fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC))
	{
		struct itimerspec every = every_ms(ms);

		die_unless(fd_ >= 0, "timerfd_create");
		die_unless(timerfd_settime(fd_, 0, &every, nullptr) == 0, "timerfd_settime");
	}

	bool next() const
	{
		return take_tick(fd_) > 0;
	}

      private:
	int fd_;
};

int main()
{
	int done = 0;

	for (int i = 0; i < CALLS; i++) {
		std::thread worker([&done] {
			auto ticker = std::make_unique<Ticker>(PERIOD_MS);

			done += ticker->next() && ticker->next();
		});
		worker.join();
	}
	sleep_all_ms(5 * PERIOD_MS);
	return done != CALLS;
}
