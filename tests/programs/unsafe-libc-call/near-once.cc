/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* The initialiser of a local static, and of a call_once, runs once; a std::mutex guards the rest.
 */
#include <ctime>
#include <cstring>
#include <mutex>
#include <thread>

static std::once_flag once;
static std::mutex lock;
static int offset, year;

static int first_year()
{
	std::time_t t = 0;

	return std::gmtime(&t)->tm_year;
}

static void job()
{
	static int first = first_year();
	char line[] = "a b";
	std::time_t now = std::time(nullptr);

	std::call_once(once, [] {
		std::time_t t = 86400;
		offset = std::localtime(&t)->tm_yday;
	});
	std::lock_guard<std::mutex> guard(lock);
	std::strtok(line, " ");
	std::strtok(nullptr, " ");
	year = first + (std::ctime(&now) ? 0 : 1);
}

int main()
{
	std::thread a(job), b(job);

	a.join();
	b.join();
	job();
	return year != 70;
}
