/* SPDX-License-Identifier: MIT */
/* expect: unjoined-thread warning */
/* C++: the object is made with new and forgotten; nobody joins, and nobody is told. */
#include <atomic>
#include <thread>

static std::atomic<int> done;

static void upload(int n)
{
	static thread_local int sent;

	sent += n;
	done++;
}

int main()
{
	for (int i = 0; i < 10; i++)
		new std::thread(upload, i);
	while (done < 10)
		std::this_thread::yield();
	return 0;
}
