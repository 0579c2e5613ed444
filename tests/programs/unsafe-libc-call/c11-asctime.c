/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* C11 threads that write a time stamp with asctime(): the struct tm is their own, the text is not.
 */
#include <string.h>
#include <threads.h>
#include <time.h>

static int stamp(void *arg)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strcpy(arg, asctime(&tm));
	return 0;
}

int main(void)
{
	char text[2][32];
	thrd_t t[2];

	for (int i = 0; i < 2; i++)
		if (thrd_create(&t[i], stamp, text[i]) != thrd_success)
			return 2;
	for (int i = 0; i < 2; i++)
		thrd_join(t[i], NULL);
	return text[0][24] != '\n';
}
