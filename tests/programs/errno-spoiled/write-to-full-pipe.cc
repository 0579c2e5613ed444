// SPDX-License-Identifier: MIT
/* expect: errno-spoiled warning */
// C++, sigaction, a real-time signal sent by another thread: the self-pipe is full, write fails
// with EAGAIN.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <thread>
#include <unistd.h>

static int self_pipe[2];
static std::atomic<int> came;

static void on_wake(int, siginfo_t *, void *)
{
	char c = 0;

	if (write(self_pipe[1], &c, 1) < 0)
		came++;
}

int main()
{
	struct sigaction a;
	pthread_t self = pthread_self();
	char c = 0;

	memset(&a, 0, sizeof(a));
	a.sa_sigaction = on_wake;
	a.sa_flags = SA_SIGINFO | SA_RESTART;
	sigaction(SIGRTMIN, &a, nullptr);
	if (pipe2(self_pipe, O_NONBLOCK | O_CLOEXEC))
		return 1;
	while (write(self_pipe[1], &c, 1) == 1)
		;
	errno = 0;
	std::thread sender([self] {
		for (int i = 0; i < 10; i++)
			pthread_kill(self, SIGRTMIN);
	});
	while (!came)
		errno = 0;
	sender.join();
	close(self_pipe[0]);
	close(self_pipe[1]);
	return 0;
}
