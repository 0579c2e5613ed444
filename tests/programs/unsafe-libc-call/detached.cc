/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* A detached thread that draws numbers from lrand48() while main seeds it: nobody waits for either.
 */
#include <atomic>
#include <cstdlib>
#include <thread>

static std::atomic<int> drawn;

int main()
{
	std::thread([] {
		if (lrand48() >= 0)
			drawn = 1;
	}).detach();
	srand48(42);
	while (!drawn)
		std::this_thread::yield();
	return 0;
}
