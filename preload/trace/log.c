/* SPDX-License-Identifier: MIT */
/*
 * Owns: the short form of findings, for people who watch (setting log=). Never writes unless asked.
 * Signal-safe.
 */
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/sys.h"
#include "state/arena.h"
#include "trace/event.h"

struct text {
	char *buf;
	size_t size, n;
};

static void add(struct text *x, const char *s, size_t n)
{
	if (n > x->size - x->n)
		n = x->size - x->n;
	memcpy(x->buf + x->n, s, n);
	x->n += n;
}
static void add_int(struct text *x, u64 v)
{
	char d[20];
	size_t i = sizeof(d);

	do
		d[--i] = (char)('0' + v % 10);
	while (v /= 10);
	add(x, d + i, sizeof(d) - i);
}

static void format(struct text *x, const char *fmt, va_list ap)
{
	x->n = 0;
	add(x, "pitfall[", 8);
	add_int(x, state && state->pid ? state->pid : (u64)sys_getpid());
	add(x, "]: ", 3);
	for (; *fmt; fmt++) {
		const char *s;
		int d;

		if (*fmt != '%' || !fmt[1]) {
			add(x, fmt, 1);
			continue;
		}
		switch (*++fmt) {
		case 's':
			s = va_arg(ap, const char *);
			add(x, s ? s : "?", s ? strlen(s) : 1);
			break;
		case 'd':
			d = va_arg(ap, int);
			if (d < 0)
				add(x, "-", 1);
			add_int(x, d < 0 ? (u64)-d : (u64)d);
			break;
		case 'u':
			add_int(x, va_arg(ap, u32));
			break;
		case 'l':
			add_int(x, va_arg(ap, u64));
			break;
		}
	}
	if (x->n == x->size)
		x->n--;
	add(x, "\n", 1);
}

int log_write(int fd, const char *s, size_t n)
{
	struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
	struct stat st;

	sys_call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, &r);
	if (r.rlim_cur != RLIM_INFINITY && sys_call(SYS_fstat, fd, &st, 0, 0) == 0 &&
	    S_ISREG(st.st_mode) && (u64)st.st_size + n > r.rlim_cur)
		return -EFBIG;
	return sys_write_all(fd, s, n);
}

void log_always(const char *fmt, ...)
{
	char buf[480];
	struct text x = {.buf = buf, .size = sizeof(buf)};
	va_list ap;

	va_start(ap, fmt);
	format(&x, fmt, ap);
	va_end(ap);
	log_write(2, x.buf, x.n);
}

void log_line(const char *fmt, ...)
{
	char buf[240];
	struct text x = {.buf = buf, .size = sizeof(buf)};
	va_list ap;
	int fd = 2;

	if (!config.log[0])
		return;
	va_start(ap, fmt);
	format(&x, fmt, ap);
	va_end(ap);
	if (strcmp(config.log, "stderr") != 0) {
		fd = sys_open(config.log, O_WRONLY | O_APPEND | O_CREAT, 0600);
		if (fd < 0)
			return;
	}
	log_write(fd, x.buf, x.n);
	if (fd != 2)
		sys_close(fd);
}

const char *errno_name(int err)
{
	switch (err) {
	case 0:
		return "";
	case EPERM:
		return "EPERM";
	case ESRCH:
		return "ESRCH";
	case EBADF:
		return "EBADF";
	case EAGAIN:
		return "EAGAIN";
	case ENOMEM:
		return "ENOMEM";
	case EBUSY:
		return "EBUSY";
	case EINVAL:
		return "EINVAL";
	case ENFILE:
		return "ENFILE";
	case EMFILE:
		return "EMFILE";
	case ENOENT:
		return "ENOENT";
	case EACCES:
		return "EACCES";
	case EROFS:
		return "EROFS";
	case ENOSPC:
		return "ENOSPC";
	case EDQUOT:
		return "EDQUOT";
	case EFBIG:
		return "EFBIG";
	case EIO:
		return "EIO";
	case ENOTDIR:
		return "ENOTDIR";
	case ELOOP:
		return "ELOOP";
	case ENAMETOOLONG:
		return "ENAMETOOLONG";
	case ENODEV:
		return "ENODEV";
	case EEXIST:
		return "EEXIST";
	case EINTR:
		return "EINTR";
	case ENOSYS:
		return "ENOSYS";
	case EOPNOTSUPP:
		return "EOPNOTSUPP";
	case ENOEXEC:
		return "ENOEXEC";
	case EDEADLK:
		return "EDEADLK";
	case EOVERFLOW:
		return "EOVERFLOW";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case EOWNERDEAD:
		return "EOWNERDEAD";
	case ENOTRECOVERABLE:
		return "ENOTRECOVERABLE";
	default:
		return "errno";
	}
}
