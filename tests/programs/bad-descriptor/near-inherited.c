/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Descriptors that were there before the program: it closes them without having opened them, as a
 * service does with what LISTEN_FDS names, after an exec; those marked to be closed are gone. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "steps.h"

static int was_given(void)
{
	int kept = atoi(getenv("KEPT")), gone = atoi(getenv("GONE"));
	char c;

	if (fcntl(gone, F_GETFD) != -1 || read(kept, &c, 1) != 1)
		return 1;
	close(gone); /* nobody here has seen it open */
	close(kept);
	return read(gone, &c, 1) >= 0;
}

int main(int argc, char **argv)
{
	char text[16];
	int p[2], gone;

	if (argc > 1)
		return was_given();
	gone = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) || write(p[1], "x", 1) != 1)
		return 1;
	snprintf(text, sizeof(text), "%d", p[0]);
	setenv("KEPT", text, 1);
	snprintf(text, sizeof(text), "%d", gone);
	setenv("GONE", text, 1);
	execl("/proc/self/exe", argv[0], "given", (char *)NULL);
	return 1;
}
