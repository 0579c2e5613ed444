// SPDX-License-Identifier: MIT
// Local statics and std::call_once: a ring over one, and initialisers that throw.
#include <cstdio>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace
{

int one();

int joins()
{
	std::thread t([] { one(); });

	puts("ready");
	fflush(stdout);
	t.join();
	return 1;
}

int one()
{
	static int value = joins();

	return value;
}

int tries;
int third_time()
{
	if (++tries < 3)
		throw std::runtime_error("not yet");
	return 7;
}
int seven()
{
	static int value = third_time();

	return value;
}

void sound()
{
	std::once_flag flag;
	int calls = 0, value = 0;

	for (int i = 0; i < 5; i++) {
		try {
			value = seven();
		} catch (const std::runtime_error &) {
		}
		try {
			std::call_once(flag, [&] {
				if (++calls < 3)
					throw std::runtime_error("not yet");
			});
		} catch (const std::runtime_error &) {
		}
	}
	printf("%d %d %d\n", value, tries, calls);
}

} // namespace

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "ring"))
		return one();
	sound();
	return 0;
}
