/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* std::localtime in two std::threads: <ctime> is the C library's. */
#include <ctime>
#include <iomanip>
#include <sstream>
#include <thread>

static std::string stamp(std::time_t when)
{
	std::ostringstream out;

	out << std::put_time(std::localtime(&when), "%F %T");
	return out.str();
}

int main()
{
	std::string a, b;
	std::thread one([&] { a = stamp(std::time(nullptr)); });
	std::thread two([&] { b = stamp(std::time(nullptr) + 60); });

	one.join();
	two.join();
	return a.empty() || b.empty();
}
