/* SPDX-License-Identifier: MIT */
/* expect: descriptor-exhaustion error */
/* C++: streams kept in a table; the first that cannot be opened is just not good(). */
#include <fstream>
#include <memory>
#include <sys/resource.h>
#include <vector>

int main()
{
	rlimit few = {48, 48};
	std::vector<std::unique_ptr<std::ifstream>> open;

	if (setrlimit(RLIMIT_NOFILE, &few))
		return 2;
	do
		open.push_back(std::make_unique<std::ifstream>("/proc/self/status"));
	while (open.back()->good() && open.size() < 100);
	return open.size() >= 100;
}
