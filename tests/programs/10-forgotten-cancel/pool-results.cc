/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* C++: a worker takes jobs, computes each within a deadline that it only looks at, and hands the
 * result over. */
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <thread>

static constexpr int JOBS = 30;

static std::mutex lock;
static std::condition_variable job_there, result_there;
static int job, result;

__attribute__((noinline)) static int compute(int n)
{
	sigevent ev = {};
	itimerspec in_8_s = {}, left = {};
	timer_t deadline;
	int sum = 0;

	ev.sigev_notify = SIGEV_NONE;
	in_8_s.it_value.tv_sec = 8;
	if (timer_create(CLOCK_MONOTONIC, &ev, &deadline) ||
	    timer_settime(deadline, 0, &in_8_s, nullptr))
		return -1;
	for (int i = 1; i <= n; i++)
		sum += i;
	timer_gettime(deadline, &left);
	return left.it_value.tv_sec ? sum : -1;
}

static void worker()
{
	std::unique_lock<std::mutex> hold(lock);

	for (int done = 0; done < JOBS; done++) {
		job_there.wait(hold, [] { return job > 0; });
		int n = job;

		hold.unlock();
		n = compute(n);
		hold.lock();
		job = 0;
		result = n;
		result_there.notify_one();
	}
}

int main()
{
	std::thread t(worker);
	int bad = 0;

	for (int i = 1; i <= JOBS; i++) {
		std::unique_lock<std::mutex> hold(lock);

		job = i;
		job_there.notify_one();
		result_there.wait(hold, [] { return job == 0; });
		bad += result != i * (i + 1) / 2;
	}
	t.join();
	return bad;
}
