/* SPDX-License-Identifier: MIT */
/* expect: relock warning */
/* std::shared_mutex throws, and the caller catches. */
#include <mutex>
#include <shared_mutex>
#include <system_error>

int main()
{
	std::shared_mutex m;
	std::lock_guard<std::shared_mutex> held(m);

	try {
		std::lock_guard<std::shared_mutex> again(m);
	} catch (const std::system_error &) {
		return 0;
	}
	return 1;
}
