/* SPDX-License-Identifier: MIT */
/* bad-descriptor: one call on a descriptor, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include <string.h>
#include "misuse.h"

const struct rule_text text_bad_descriptor = {
    .means = "A call is made on a descriptor number that was closed before.",
    .evidence =
	"The failing call (EBADF), where the descriptor was opened and who closed it where.",
    .silent =
	"Sweeps over many numbers before an exec; probes (F_GETFD); numbers whose opening was not "
	"seen. A second close in a process of one thread is a note: nobody can have got the number "
	"in "
	"between.",
    .fix = "One owner closes, after all others have stopped using it.",
    .example = "close(fd);\n…\nwrite(fd, buf, n);          /* EBADF, or somebody else's file */\n",
};

/* A second close of a number in a process that never had a second thread hits nobody: untidy, not
 * wrong. */
static enum severity close_severity(const struct model_process *p, const struct model_event *e)
{
	return strcmp(event_str(e, "call"), "close") == 0 && p->head.threads_made == 1 ? SEV_NOTE
										       : SEV_ERROR;
}

static const struct misuse bad_descriptor = {
    .kind = "bad-descriptor",
    .on = ON_FD,
    .title = "uses a descriptor that was closed before",
    .why =
	"The number is free after close(): this time the kernel refused (EBADF), next time another "
	"file may have it and is "
	"read, written or closed in its place.",
    .fix = "Let one owner close the descriptor, after all others have stopped using it; forget the "
	   "number when it is closed.",
    .other = "it was closed here",
    .severity = close_severity,
};

void rule_bad_descriptor(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &bad_descriptor);
}
