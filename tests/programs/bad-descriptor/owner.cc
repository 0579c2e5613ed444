/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A class that owns a descriptor is copied by value: both copies close it. */
#include <cerrno>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

static bool refused;

struct File {
	int fd;
	explicit File(const char *path) : fd(open(path, O_RDONLY))
	{
	}
	~File()
	{
		refused |= close(fd) < 0 && errno == EBADF;
	}
};

static void work(File file)
{
	char c;

	if (read(file.fd, &c, 1) != 1)
		_exit(1);
}

int main()
{
	{
		File file("/dev/zero");
		std::thread t(work, file);

		t.join();
	}
	return !refused;
}
