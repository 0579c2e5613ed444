/* SPDX-License-Identifier: MIT */
/* expect: join-twice error */
/* Joined by its native handle, and then as the object that it is. */
#include <pthread.h>
#include <system_error>
#include <thread>

int main()
{
	/* never destroyed: its destructor would end the program */
	static std::thread &t = *new std::thread([] {});

	pthread_join(t.native_handle(), nullptr);
	try {
		t.join();
	} catch (const std::system_error &) {
		return 0;
	}
	return 1;
}
