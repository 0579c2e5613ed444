/* SPDX-License-Identifier: MIT */
/*
 * passthrough.so: wrappers that only forward, the least any preload can cost.
 *
 * Owns: one pointer per forwarded function. Keeps no state, takes no decision, records nothing.
 * Called from: the benchmark programs, by LD_PRELOAD. Part of the benchmarks, never installed.
 * Each wrapper is a load and an indirect jump (a tail call), so it is as signal-safe as the
 * function behind it. A pointer first holds a stub which resolves all of them: the loader itself
 * calls free() before any constructor has run, and a null test per call would not be honest.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/*
 * Declared here, not through <fcntl.h>: with the mode as a named parameter the wrapper can
 * tail-call. On the ABIs of Linux x86-64 and arm64 an int goes into the same register either way.
 */
int open(const char *path, int flags, mode_t mode);
int open64(const char *path, int flags, mode_t mode);

/* name, result, parameters, arguments, symbol version to choose (NULL: the default one) */
#define FORWARDED(X)                                                                               \
	X(pthread_mutex_init, int, (pthread_mutex_t * m, const pthread_mutexattr_t *a), (m, a),    \
	  NULL)                                                                                    \
	X(pthread_mutex_destroy, int, (pthread_mutex_t * m), (m), NULL)                            \
	X(pthread_mutex_lock, int, (pthread_mutex_t * m), (m), NULL)                               \
	X(pthread_mutex_trylock, int, (pthread_mutex_t * m), (m), NULL)                            \
	X(pthread_mutex_unlock, int, (pthread_mutex_t * m), (m), NULL)                             \
	X(pthread_rwlock_rdlock, int, (pthread_rwlock_t * l), (l), NULL)                           \
	X(pthread_rwlock_wrlock, int, (pthread_rwlock_t * l), (l), NULL)                           \
	X(pthread_rwlock_unlock, int, (pthread_rwlock_t * l), (l), NULL)                           \
	X(pthread_spin_lock, int, (pthread_spinlock_t * l), (l), NULL)                             \
	X(pthread_spin_unlock, int, (pthread_spinlock_t * l), (l), NULL)                           \
	X(pthread_cond_wait, int, (pthread_cond_t * c, pthread_mutex_t * m), (c, m),               \
	  "GLIBC_2.3.2")                                                                           \
	X(pthread_cond_signal, int, (pthread_cond_t * c), (c), "GLIBC_2.3.2")                      \
	X(pthread_cond_broadcast, int, (pthread_cond_t * c), (c), "GLIBC_2.3.2")                   \
	X(sem_wait, int, (sem_t * s), (s), NULL)                                                   \
	X(sem_post, int, (sem_t * s), (s), NULL)                                                   \
	X(pthread_create, int,                                                                     \
	  (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), (t, a, f, arg), \
	  NULL)                                                                                    \
	X(pthread_join, int, (pthread_t t, void **result), (t, result), NULL)                      \
	X(open, int, (const char *path, int flags, mode_t mode), (path, flags, mode), NULL)        \
	X(open64, int, (const char *path, int flags, mode_t mode), (path, flags, mode), NULL)      \
	X(close, int, (int fd), (fd), NULL)                                                        \
	X(read, ssize_t, (int fd, void *buf, size_t n), (fd, buf, n), NULL)                        \
	X(write, ssize_t, (int fd, const void *buf, size_t n), (fd, buf, n), NULL)

static void resolve(void);

#define DEFINE(name, result, params, args, version)                                                \
	static result first_##name params;                                                         \
	static result(*real_##name) params = first_##name;                                         \
	static result first_##name params                                                          \
	{                                                                                          \
		resolve();                                                                         \
		return real_##name args;                                                           \
	}                                                                                          \
	EXPORT result name params                                                                  \
	{                                                                                          \
		return real_##name args;                                                           \
	}
FORWARDED(DEFINE)

/* free() stands apart: dlsym may call it, and what it drops during the look-up is only leaked. */
static void first_free(void *p);
static void (*real_free)(void *) = first_free;
static void first_free(void *p)
{
	static __thread int resolving;

	if (resolving)
		return;
	resolving = 1;
	resolve();
	resolving = 0;
	real_free(p);
}

EXPORT void free(void *p)
{
	real_free(p);
}

/* Nothing can be forwarded to a function that is not there, so a benchmark had better stop. */
static void *look_up(const char *name, const char *version)
{
	static const char text[] = "passthrough.so: a function of libc was not found\n";
	void *address = NULL;

	if (version)
		address = dlvsym(RTLD_NEXT, name, version);
	if (!address) /* ports whose first glibc is younger have no such version */
		address = dlsym(RTLD_NEXT, name);
	if (address)
		return address;
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(126);
	_exit(127);
}

/* May run in several threads at once: each stores the same values. */
__attribute__((constructor)) static void resolve(void)
{
	real_write = (__typeof__(real_write))look_up("write", NULL);
	real_free = (__typeof__(real_free))look_up("free", NULL);
#define RESOLVE(name, result, params, args, version)                                               \
	real_##name = (__typeof__(real_##name))look_up(#name, version);
	FORWARDED(RESOLVE)
}
