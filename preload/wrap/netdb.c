/* SPDX-License-Identifier: MIT */
/*
 * Owns: look-ups of names: hosts, services, users, groups. They may wait for a network, and what
 * they open meanwhile (through modules of libc's that call like everybody else) is not the
 * program's. Some are cancellation points; a look-up left that way is noticed by the next one.
 */
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include "detect/handlers.h"
#include "detect/unsafe_call.h"
#include "wrap/block.h"

struct lookup {
	struct block b;
	u32 depth;
};

static inline void lookup_enter(struct lookup *l, u32 call, uintptr_t pc, uintptr_t sp)
{
	block_enter(&l->b, call, -1, pc, sp);
	if (!l->b.t)
		return;
	/* Outside any other call the depth is 0, whatever a look-up that was left (cancellation,
	 * longjmp) has made of it. */
	l->depth = l->b.outer.nested ? l->b.t->in_library : 0;
	l->b.t->in_library = l->depth + 1;
}

static inline void lookup_leave(struct lookup *l)
{
	if (l->b.t && l->b.t == thread_self)
		l->b.t->in_library = l->depth;
	block_leave(&l->b);
}

#define LOOKUP(type, name, call, params, args)                                                     \
	EXPORT type name params                                                                    \
	{                                                                                          \
		struct lookup l;                                                                   \
		type r;                                                                            \
                                                                                                   \
		IN_HANDLER(#name, 0);                                                              \
		lookup_enter(&l, CALL_##call, CALLER_PC(), CALLER_SP());                           \
		r = REAL(name) args;                                                               \
		lookup_leave(&l);                                                                  \
		return r;                                                                          \
	}

/* The same of one that keeps its result in an object that there is one of in the process. */
#define LOOKUP_SHARED(type, name, buffer, call, params, args)                                      \
	EXPORT type name params                                                                    \
	{                                                                                          \
		struct lookup l;                                                                   \
		type r;                                                                            \
                                                                                                   \
		unsafe_use(name, buffer);                                                          \
		IN_HANDLER(#name, 0);                                                              \
		lookup_enter(&l, CALL_##call, CALLER_PC(), CALLER_SP());                           \
		r = REAL(name) args;                                                               \
		lookup_leave(&l);                                                                  \
		return r;                                                                          \
	}

LOOKUP(int, getaddrinfo, getaddrinfo,
       (const char *restrict host, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict out),
       (host, service, hints, out))
LOOKUP(int, getnameinfo, getnameinfo,
       (const struct sockaddr *restrict sa, socklen_t len, char *restrict host, socklen_t hostlen,
	char *restrict service, socklen_t servlen, int flags),
       (sa, len, host, hostlen, service, servlen, flags))

LOOKUP_SHARED(struct hostent *, gethostbyname, hostbyname, gethostbyname, (const char *host),
	      (host))
LOOKUP_SHARED(struct hostent *, gethostbyname2, hostbyname2, gethostbyname,
	      (const char *host, int family), (host, family))
LOOKUP_SHARED(struct hostent *, gethostbyaddr, hostbyaddr, gethostbyname,
	      (const void *addr, socklen_t len, int type), (addr, len, type))
LOOKUP(int, gethostbyname_r, gethostbyname,
       (const char *restrict host, struct hostent *restrict ret, char *restrict buf, size_t len,
	struct hostent **restrict result, int *restrict err),
       (host, ret, buf, len, result, err))
LOOKUP(int, gethostbyname2_r, gethostbyname,
       (const char *restrict host, int family, struct hostent *restrict ret, char *restrict buf,
	size_t len, struct hostent **restrict result, int *restrict err),
       (host, family, ret, buf, len, result, err))
LOOKUP(int, gethostbyaddr_r, gethostbyname,
       (const void *restrict addr, socklen_t alen, int type, struct hostent *restrict ret,
	char *restrict buf, size_t len, struct hostent **restrict result, int *restrict err),
       (addr, alen, type, ret, buf, len, result, err))

LOOKUP_SHARED(struct servent *, getservbyname, servbyname, getaddrinfo,
	      (const char *name, const char *proto), (name, proto))
LOOKUP_SHARED(struct servent *, getservbyport, servbyport, getaddrinfo,
	      (int port, const char *proto), (port, proto))
LOOKUP(int, getservbyname_r, getaddrinfo,
       (const char *restrict name, const char *restrict proto, struct servent *restrict ret,
	char *restrict buf, size_t len, struct servent **restrict result),
       (name, proto, ret, buf, len, result))
LOOKUP(int, getservbyport_r, getaddrinfo,
       (int port, const char *restrict proto, struct servent *restrict ret, char *restrict buf,
	size_t len, struct servent **restrict result),
       (port, proto, ret, buf, len, result))

/* Users and groups may be asked of a directory server; they count as the same kind of wait. */
LOOKUP_SHARED(struct passwd *, getpwnam, pwnam, getaddrinfo, (const char *name), (name))
LOOKUP_SHARED(struct passwd *, getpwuid, pwuid, getaddrinfo, (uid_t uid), (uid))
LOOKUP(int, getpwnam_r, getaddrinfo,
       (const char *restrict name, struct passwd *restrict ret, char *restrict buf, size_t len,
	struct passwd **restrict result),
       (name, ret, buf, len, result))
LOOKUP(int, getpwuid_r, getaddrinfo,
       (uid_t uid, struct passwd *restrict ret, char *restrict buf, size_t len,
	struct passwd **restrict result),
       (uid, ret, buf, len, result))
LOOKUP_SHARED(struct group *, getgrnam, grnam, getaddrinfo, (const char *name), (name))
LOOKUP_SHARED(struct group *, getgrgid, grgid, getaddrinfo, (gid_t gid), (gid))
LOOKUP(int, getgrnam_r, getaddrinfo,
       (const char *restrict name, struct group *restrict ret, char *restrict buf, size_t len,
	struct group **restrict result),
       (name, ret, buf, len, result))
LOOKUP(int, getgrgid_r, getaddrinfo,
       (gid_t gid, struct group *restrict ret, char *restrict buf, size_t len,
	struct group **restrict result),
       (gid, ret, buf, len, result))
LOOKUP(int, getgrouplist, getaddrinfo, (const char *user, gid_t group, gid_t *groups, int *n),
       (user, group, groups, n))
LOOKUP(int, initgroups, getaddrinfo, (const char *user, gid_t group), (user, group))

LOOKUP_SHARED(struct hostent *, gethostent, hostent, gethostbyname, (void), ())
LOOKUP_SHARED(struct servent *, getservent, servent, getaddrinfo, (void), ())
LOOKUP_SHARED(struct protoent *, getprotobyname, protobyname, getaddrinfo, (const char *name),
	      (name))
LOOKUP_SHARED(struct protoent *, getprotobynumber, protobynumber, getaddrinfo, (int number),
	      (number))
LOOKUP_SHARED(struct protoent *, getprotoent, protoent, getaddrinfo, (void), ())
LOOKUP_SHARED(struct netent *, getnetbyname, netbyname, getaddrinfo, (const char *name), (name))
LOOKUP_SHARED(struct netent *, getnetbyaddr, netbyaddr, getaddrinfo, (uint32_t net, int type),
	      (net, type))
LOOKUP_SHARED(struct netent *, getnetent, netent, getaddrinfo, (void), ())
LOOKUP_SHARED(struct passwd *, getpwent, pwent, getaddrinfo, (void), ())
LOOKUP_SHARED(struct group *, getgrent, grent, getaddrinfo, (void), ())
LOOKUP_SHARED(struct spwd *, getspnam, spnam, getaddrinfo, (const char *name), (name))
LOOKUP_SHARED(struct spwd *, getspent, spent, getaddrinfo, (void), ())
