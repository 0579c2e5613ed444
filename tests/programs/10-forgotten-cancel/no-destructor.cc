/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* C++: a class that arms a timerfd for each operation, and has no destructor. */
#include <sys/timerfd.h>
#include <unistd.h>

struct Deadline {
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	Deadline()
	{
		itimerspec in_30_s = {};

		in_30_s.it_value.tv_sec = 30;
		timerfd_settime(fd, 0, &in_30_s, nullptr);
	}
	bool armed() const
	{
		itimerspec left;

		return timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec > 0;
	}
};

__attribute__((noinline)) static bool operation()
{
	Deadline deadline;

	return deadline.armed();
}

int main()
{
	int good = 0;

	for (int i = 0; i < 12; i++)
		good += operation();
	return good != 12;
}
