/* SPDX-License-Identifier: MIT */
/* C++ names for people. Owns nothing; called from symbols.c; allocates, so not signal-safe. */
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>

/* Cuts "(int, char) const" off "ns::f<int>(int, char) const", and a template's leading return type.
 */
static void strip_parameters(char *s)
{
	char *end = strrchr(s, ')'), *c = end, *start = s;
	int depth = 0;

	if (!end)
		return;
	if (end[1] != '\0' && strncmp(end + 1, " const", 6) != 0 && end[1] != ' ' && end[1] != '[')
		return; /* as in "f()::{lambda()#1}": not the last thing */
	for (; c > s; c--) {
		depth += *c == ')' ? 1 : *c == '(' ? -1 : 0;
		if (depth == 0)
			break;
	}
	if (c > s && strncmp(c, "(anonymous namespace)", 21) != 0 &&
	    !(c - s >= 8 && strncmp(c - 8, "operator", 8) == 0))
		*c = '\0';
	depth = 0;
	for (c = s; *c; c++) {
		depth += strchr("<({", *c) ? 1 : strchr(">)}", *c) ? -1 : 0;
		if (strncmp(c, "operator", 8) == 0)
			break;
		if (*c == ' ' && depth == 0)
			start = c + 1;
	}
	if (start != s && strncmp(s, "non-virtual", 11) != 0 && strncmp(s, "virtual", 7) != 0 &&
	    !strstr(s, " for "))
		memmove(s, start, strlen(start) + 1);
}

extern "C" char *demangle(const char *name)
{
	int status = -1;
	char *s;

	if (strncmp(name, "_Z", 2) != 0)
		return nullptr;
	s = abi::__cxa_demangle(name, nullptr, nullptr, &status);
	if (status != 0) {
		free(s);
		return nullptr;
	}
	strip_parameters(s);
	return s;
}
