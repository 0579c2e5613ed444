/* SPDX-License-Identifier: MIT */
/*
 * A checksum tool: adds up the bytes of every file of a directory.
 *
 * The mistake: sum_files() keeps each descriptor that it opens in a list and closes the list when
 * it returns, so the whole directory is open at once; with more files than RLIMIT_NOFILE allows
 * (lowered here, so that 300 files are enough) open() fails with EMFILE half way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 300
#define LIMIT 256

static void file_name(char *path, size_t size, const char *dir, int i)
{
	snprintf(path, size, "%s/part-%03d", dir, i);
}

static int fill_directory(const char *dir)
{
	char path[128];

	for (int i = 0; i < FILES; i++) {
		file_name(path, sizeof(path), dir, i);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		int n = dprintf(fd, "part number %d\n", i);
		close(fd);
		if (n < 0)
			return -EIO;
	}
	return 0;
}

static void remove_directory(const char *dir)
{
	char path[128];

	for (int i = 0; i < FILES; i++) {
		file_name(path, sizeof(path), dir, i);
		unlink(path);
	}
	rmdir(dir);
}

static int sum_bytes(int fd, unsigned long *sum)
{
	unsigned char buf[512];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			*sum += buf[i];
	return n < 0 ? -errno : 0;
}

static int sum_files(const char *dir, unsigned long *sum)
{
	int opened[FILES], count = 0, rc = 0;
	char path[128];

	for (int i = 0; i < FILES && rc == 0; i++) {
		file_name(path, sizeof(path), dir, i);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			rc = -errno;
			break;
		}
		opened[count++] = fd;
		rc = sum_bytes(fd, sum);
	}
	while (count > 0)
		close(opened[--count]);
	return rc;
}

int main(void)
{
	struct rlimit limit;
	char dir[96];
	unsigned long sum = 0;
	int rc;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 2;
	limit.rlim_cur = LIMIT;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 2;
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, sizeof(dir), "%s/checksum-XXXXXX", tmp && strlen(tmp) < 64 ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 2;

	rc = fill_directory(dir);
	if (rc == 0)
		rc = sum_files(dir, &sum);
	if (rc == 0)
		printf("%d files, checksum %lu\n", FILES, sum);
	else
		printf("checksum failed: %s\n", strerror(-rc));
	remove_directory(dir);
	return rc != 0;
}
