/* SPDX-License-Identifier: MIT */
/*
 * Owns: calls that keep their result, or their place, in an object that libc has one of for the
 * whole process (include/unsafe_calls.def; those that look up names: wrap/netdb.c). Each is noted,
 * then made as a tail call: nothing of ours is on the stack meanwhile. Not signal-safe, as the
 * functions themselves are not; what is noted is.
 */
#include "detect/unsafe_call.h"
#include "real/real.h"

#define SHARED(type, name, buffer, params, args)                                                   \
	EXPORT type name params                                                                    \
	{                                                                                          \
		unsafe_use(name, buffer);                                                          \
		return REAL(name) args;                                                            \
	}
/* Without a buffer of the caller's own it is libc's. */
#define SHARED_WITHOUT(type, name, buffer, params, args)                                           \
	EXPORT type name params                                                                    \
	{                                                                                          \
		if (!own)                                                                          \
			unsafe_use(name, buffer);                                                  \
		return REAL(name) args;                                                            \
	}
#define STREAM_SHARED(type, name)                                                                  \
	EXPORT type name(DIR *d)                                                                   \
	{                                                                                          \
		unsafe_stream_use(name, d);                                                        \
		return REAL(name)(d);                                                              \
	}

SHARED(struct tm *, localtime, tm, (const time_t *t), (t))
SHARED(struct tm *, gmtime, tm, (const time_t *t), (t))
SHARED(char *, asctime, asctime, (const struct tm *tm), (tm))
EXPORT char *ctime(const time_t *t)
{
	unsafe_use(ctime, tm);
	unsafe_use(ctime, asctime);
	return REAL(ctime)(t);
}
SHARED(struct tm *, getdate, getdate, (const char *s), (s))

SHARED(char *, strtok, strtok, (char *restrict s, const char *restrict delimiters), (s, delimiters))
SHARED(char *, l64a, l64a, (long n), (n))
SHARED(char *, ecvt, ecvt, (double x, int n, int *restrict point, int *restrict sign),
       (x, n, point, sign))
SHARED(char *, fcvt, fcvt, (double x, int n, int *restrict point, int *restrict sign),
       (x, n, point, sign))
SHARED(char *, qecvt, qecvt, (long double x, int n, int *restrict point, int *restrict sign),
       (x, n, point, sign))
SHARED(char *, qfcvt, qfcvt, (long double x, int n, int *restrict point, int *restrict sign),
       (x, n, point, sign))

SHARED(double, drand48, drand48, (void), ())
SHARED(long, lrand48, drand48, (void), ())
SHARED(long, mrand48, drand48, (void), ())
SHARED(void, srand48, drand48, (long seed), (seed))
SHARED(unsigned short *, seed48, drand48, (unsigned short seed[3]), (seed))
SHARED(void, lcong48, drand48, (unsigned short param[7]), (param))

SHARED(int, getopt, getopt, (int argc, char *const *argv, const char *options),
       (argc, argv, options))
SHARED(int, __posix_getopt, getopt, (int argc, char *const *argv, const char *options),
       (argc, argv, options))
SHARED(int, getopt_long, getopt,
       (int argc, char *const *argv, const char *options, const struct option *more, int *i),
       (argc, argv, options, more, i))
SHARED(int, getopt_long_only, getopt,
       (int argc, char *const *argv, const char *options, const struct option *more, int *i),
       (argc, argv, options, more, i))

STREAM_SHARED(struct dirent *, readdir)
STREAM_SHARED(struct dirent64 *, readdir64)

SHARED(char *, ttyname, ttyname, (int fd), (fd))
SHARED(char *, ptsname, ptsname, (int fd), (fd))
SHARED(char *, getlogin, getlogin, (void), ())
SHARED_WITHOUT(char *, cuserid, cuserid, (char *own), (own))
SHARED_WITHOUT(char *, tmpnam, tmpnam, (char own[L_tmpnam]), (own))

SHARED(struct utmp *, getutent, utent, (void), ())
SHARED(struct utmp *, getutid, utent, (const struct utmp *id), (id))
SHARED(struct utmp *, getutline, utent, (const struct utmp *line), (line))
SHARED(struct utmpx *, getutxent, utent, (void), ())
SHARED(struct utmpx *, getutxid, utent, (const struct utmpx *id), (id))
SHARED(struct utmpx *, getutxline, utent, (const struct utmpx *line), (line))
SHARED(struct mntent *, getmntent, mntent, (FILE * f), (f))
SHARED(struct passwd *, fgetpwent, fpwent, (FILE * f), (f))
SHARED(struct group *, fgetgrent, fgrent, (FILE * f), (f))
SHARED(char *, ether_ntoa, ether_ntoa, (const struct ether_addr *addr), (addr))
SHARED(struct ether_addr *, ether_aton, ether_aton, (const char *s), (s))
