// SPDX-License-Identifier: MIT
/* expect: unsafe-call-in-signal-handler warning */
// C++: the handler writes to std::cerr, which goes through the C library's streams.
#include <atomic>
#include <csignal>
#include <iostream>
#include "wait.h"

static std::atomic<int> seen;

extern "C" void on_usr1(int)
{
	std::cerr << "."; // unbuffered, one fwrite
	seen++;
}

int main()
{
	static char buf[4096];

	setvbuf(stderr, buf, _IOFBF, sizeof(buf));
	std::signal(SIGALRM, on_usr1);
	tick();
	while (seen < 10)
		;
	no_tick();
	return 0;
}
