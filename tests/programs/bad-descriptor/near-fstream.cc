/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Streams of C++ in several threads, closed twice as the library allows, and opened again. */
#include <fstream>
#include <string>
#include <thread>
#include <vector>

static void work()
{
	for (int i = 0; i < 20; i++) {
		std::fstream f("/dev/null", std::ios::in | std::ios::out);
		std::string s;

		f << "x" << std::flush;
		f.close();
		f.close();
		f.open("/dev/zero", std::ios::in);
		f.get();
	}
}

int main()
{
	std::vector<std::thread> all;

	for (int i = 0; i < 3; i++)
		all.emplace_back(work);
	for (auto &t : all)
		t.join();
	return 0;
}
