/* SPDX-License-Identifier: MIT */
/*
 * Finding the program and refusing, before it is started, those no preloaded object can get into.
 * ELF files are read through libelf; a file that cannot be read is let through (the kernel may
 * still execute it). Reporter only, not signal-safe.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <paths.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#define OWN_NAME    "x86-64"
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#define OWN_NAME    "arm64"
#else
#error "port me: machine of the programs that can be observed"
#endif

#define SCRIPT_DEPTH 5 /* #! of #! of …: the kernel's limit (BINPRM) is 5 too */

static int __attribute__((format(printf, 3, 4)))
refuse(struct launch *l, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why, sizeof(l->why), fmt, ap);
	va_end(ap);
	return err;
}

/* 0 executable file, -EACCES there but not executable, -ENOENT. */
static int try_path(struct launch *l, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == EACCES ? -EACCES : -ENOENT;
	if (snprintf(l->path, sizeof(l->path), "%s", path) >= (int)sizeof(l->path))
		return -ENOENT;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return eaccess(path, X_OK) ? -EACCES : 0;
}

static int explain(struct launch *l, const char *program, int rc)
{
	if (rc == -ENOENT)
		return refuse(l, rc, "%s: not found%s", program,
			      strchr(program, '/') ? "" : " in PATH");
	if (rc == -EISDIR)
		return refuse(l, -EACCES, "%s: is a directory", l->path);
	if (rc)
		return refuse(l, rc, "%s: not executable (permission denied)", l->path);
	return 0;
}

int launch_find(struct launch *l, const char *program)
{
	const char *path = getenv("PATH"), *end;
	int worst = -ENOENT;

	snprintf(l->path, sizeof(l->path), "%s", program);
	if (!*program)
		return explain(l, "''", -ENOENT);
	if (strchr(program, '/'))
		return explain(l, program, try_path(l, program));
	for (path = path ? path : _PATH_DEFPATH;; path = end + 1) {
		char full[PATH_MAX];
		int n, rc;

		end = strchrnul(path, ':');
		n = snprintf(full, sizeof(full), "%.*s%s%s", (int)(end - path), path,
			     end > path ? "/" : "./", program);
		rc = n < (int)sizeof(full) ? try_path(l, full) : -ENOENT;
		if (!rc)
			return 0;
		if (rc == -EACCES)
			worst = rc;
		if (!*end)
			break;
	}
	if (worst == -EACCES)
		return refuse(l, worst, "%s: found in PATH, but not executable (permission denied)",
			      program);
	return explain(l, program, worst);
}

/* Would the kernel set AT_SECURE, so that ld.so ignores LD_PRELOAD? (security/commoncap.c: the new
 * ids against the old real ones; file capabilities count unless the real user is root.) */
static int check_secure(struct launch *l, const char *path, int fd)
{
	struct statvfs vfs;
	struct stat st;
	struct vfs_cap_data caps;

	if (fstat(fd, &st) || (!fstatvfs(fd, &vfs) && (vfs.f_flag & ST_NOSUID)) ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0;
	if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
		return refuse(
		    l, -ENOTSUP,
		    "%s: setuid: the loader ignores LD_PRELOAD in it; run it as its owner", path);
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && st.st_gid != getgid())
		return refuse(
		    l, -ENOTSUP,
		    "%s: setgid: the loader ignores LD_PRELOAD in it; run it in its group", path);
	if (getuid() && fgetxattr(fd, "security.capability", &caps, sizeof(caps)) > 0)
		return refuse(l, -ENOTSUP,
			      "%s: has file capabilities: the loader ignores LD_PRELOAD in it; run "
			      "it as root",
			      path);
	return 0;
}

/* "Go" is the owner of the build-id note that Go's linker writes. */
static bool elf_is_go(Elf *elf)
{
	size_t n, off, name, desc;
	GElf_Phdr ph;
	GElf_Nhdr nh;

	if (elf_getphdrnum(elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		Elf_Data *d;

		if (!gelf_getphdr(elf, i, &ph) || ph.p_type != PT_NOTE)
			continue;
		d = elf_getdata_rawchunk(elf, ph.p_offset, ph.p_filesz, ELF_T_NHDR);
		for (off = 0; d && (off = gelf_getnote(d, off, &nh, &name, &desc)) > 0;)
			if (nh.n_namesz >= 3 && !memcmp((char *)d->d_buf + name, "Go", 3))
				return true;
	}
	return false;
}

/* The path in PT_INTERP; NULL if there is none (the string lies in the file's image). */
static const char *elf_interp(Elf *elf)
{
	size_t n, size;
	const char *raw = elf_rawfile(elf, &size);
	GElf_Phdr ph;

	if (!raw || elf_getphdrnum(elf, &n))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, i, &ph) || ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz && ph.p_offset < size && ph.p_filesz <= size - ph.p_offset &&
		    !raw[ph.p_offset + ph.p_filesz - 1])
			return raw + ph.p_offset;
	}
	return NULL;
}

/* ld.so called by hand (`ld-linux-x86-64.so.2 ./program`) has no interpreter and honours
 * LD_PRELOAD. */
static bool is_loader(const char *path)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	return !strncmp(base, "ld-linux", 8) || !strncmp(base, "ld-2.", 5) ||
	       !strcmp(base, "ld.so");
}

static bool headers_complete(Elf *elf, const GElf_Ehdr *eh)
{
	GElf_Phdr ph;
	size_t n, size;

	return elf_rawfile(elf, &size) && !elf_getphdrnum(elf, &n) && n && eh->e_phoff < size &&
	       gelf_getphdr(elf, (int)n - 1, &ph);
}

static int check_elf(struct launch *l, const char *path, Elf *elf)
{
	const char *interp;
	GElf_Ehdr eh;

	if (!gelf_getehdr(elf, &eh))
		return refuse(l, -ENOEXEC, "%s: a damaged or truncated ELF file", path);
	if (eh.e_ident[EI_CLASS] == ELFCLASS32)
		return refuse(l, -ENOTSUP,
			      "%s: a 32-bit program; only " OWN_NAME " programs can be observed",
			      path);
	if (eh.e_machine != OWN_MACHINE)
		return refuse(l, -ENOTSUP,
			      "%s: built for another architecture (ELF machine %d); only " OWN_NAME
			      " programs can be observed",
			      path, eh.e_machine);
	if (!headers_complete(elf, &eh))
		return refuse(l, -ENOEXEC, "%s: a damaged or truncated ELF file", path);
	interp = elf_interp(elf);
	if (!interp && elf_is_go(elf))
		return refuse(
		    l, -ENOTSUP,
		    "%s: a static Go program: it has no libc whose calls could be observed", path);
	if (!interp && !is_loader(path))
		return refuse(
		    l, -ENOTSUP,
		    "%s: statically linked: nothing can be loaded into it; link it dynamically",
		    path);
	if (interp && strstr(interp, "/ld-musl"))
		return refuse(l, -ENOTSUP,
			      "%s: linked to musl (%s); only glibc programs can be observed", path,
			      interp);
	if (interp && access(interp, X_OK))
		return refuse(l, -ENOENT, "%s: its loader %s is missing", path, interp);
	return 0;
}

/* Reads the interpreter's name from a "#!" line. 1 found, 0 no such line, -errno. */
static int shebang(struct launch *l, const char *path, int fd, char *interp, size_t size)
{
	char line[256], *p = line + 2; /* BINPRM_BUF_SIZE */
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

	if (n < 2 || line[0] != '#' || line[1] != '!')
		return 0;
	line[n] = 0;
	p += strspn(p, " \t");
	p[strcspn(p, " \t\r\n")] = 0;
	if (!*p)
		return refuse(l, -ENOEXEC, "%s: its #! line names no interpreter", path);
	snprintf(interp, size, "%s", p);
	return 1;
}

static int check_fd(struct launch *l, char *path, int fd, char *next)
{
	Elf *elf;
	int rc = shebang(l, path, fd, next, PATH_MAX);

	if (rc)
		return rc; /* a script's own set-id bits are ignored by the kernel */
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		snprintf(next, PATH_MAX, "%s", _PATH_BSHELL); /* execvp(3) gives it to the shell */
		return 1;
	}
	rc = check_elf(l, path, elf);
	if (!rc)
		rc = check_secure(l, path, fd);
	elf_end(elf);
	return rc;
}

int launch_check(struct launch *l)
{
	char next[PATH_MAX];
	int rc = 1;

	elf_version(EV_CURRENT);
	snprintf(l->image, sizeof(l->image), "%s", l->path);
	for (int depth = 0; rc == 1; depth++) {
		int fd = open(l->image, O_RDONLY | O_CLOEXEC);

		if (fd < 0 && depth && errno == ENOENT)
			return refuse(l, -ENOENT, "%s: its interpreter %s is missing", l->path,
				      l->image);
		if (fd < 0)
			return 0; /* executable without being readable */
		rc = check_fd(l, l->image, fd, next);
		close(fd);
		if (rc == 1 && depth == SCRIPT_DEPTH)
			return refuse(l, -ENOEXEC, "%s: too many #! interpreters", l->path);
		if (rc == 1)
			memcpy(l->image, next, sizeof(next));
	}
	return rc;
}

int launch_library(char *out, size_t size, char *why, size_t why_size)
{
	static const char *const places[] = {"../lib/libpitfall.so",
					     "../lib/pitfall/libpitfall.so"};
	char self[PATH_MAX], full[PATH_MAX * 2];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0) {
		snprintf(why, why_size, "cannot find myself: /proc/self/exe: %s", strerror(errno));
		return -ENOENT;
	}
	self[n] = 0;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char real[PATH_MAX];

		snprintf(full, sizeof(full), "%s/%s", self, places[i]);
		if (!realpath(full, real) || access(real, R_OK))
			continue;
		if (strpbrk(real, ": \t")) { /* ld.so splits LD_PRELOAD there */
			snprintf(why, why_size,
				 "%s: a path with a space or ':' cannot be preloaded", real);
			return -ENOENT;
		}
		snprintf(out, size, "%s", real);
		return 0;
	}
	snprintf(why, why_size, "libpitfall.so is neither in %s/../lib nor in %s/../lib/pitfall",
		 self, self);
	return -ENOENT;
}
