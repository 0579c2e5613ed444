/* SPDX-License-Identifier: MIT */
/*
 * Where the traces of a run lie: see run_dir.h. Reporter only, not signal-safe.
 */
#include "run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHM "/dev/shm"

/* %u: user id, %p: our pid, so that all processes of a run lie together. */
static int expand(const char *in, char *out, size_t size)
{
	size_t n = 0;

	for (; *in && n < size; in++) {
		if (in[0] == '%' && (in[1] == 'u' || in[1] == 'p'))
			n += (size_t)snprintf(out + n, size - n, "%u",
					      *++in == 'u' ? getuid() : (unsigned)getpid());
		else
			out[n++] = *in;
	}
	if (n >= size)
		return -ENAMETOOLONG;
	out[n] = 0;
	return 0;
}

static int make_dirs(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0755) && errno != EEXIST && errno != EROFS && errno != EACCES)
			return -errno;
		*p = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* access(2) does not know of full quotas, and root may everything: try it. */
static int try_writing(const char *path)
{
	char name[PATH_MAX + 32];
	int fd;

	snprintf(name, sizeof(name), "%s/.pitfall-XXXXXX", path);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	unlink(name);
	return 0;
}

/* Root's programs drop privileges before they execute others (su, gosu): those must be able to
 * leave a trace, too, but not see or remove what others left. */
static int make_temporary(struct run_dir *d, const char *under)
{
	if (snprintf(d->path, sizeof(d->path), "%s/pitfall-XXXXXX", under) >= (int)sizeof(d->path))
		return -ENAMETOOLONG;
	if (!mkdtemp(d->path))
		return -errno;
	d->temporary = true;
	if (!geteuid())
		chmod(d->path, 01733);
	return 0;
}

static int use_given(struct run_dir *d, const char *given)
{
	char path[PATH_MAX];
	int rc = *given ? expand(given, path, sizeof(path)) : -ENOENT;

	if (!rc)
		rc = make_dirs(path);
	if (!rc && !realpath(path, d->path))
		rc = -errno;
	return rc ? rc : try_writing(d->path);
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return dir && !n;
}

static const char *temp_root(void)
{
	const char *t = getenv("TMPDIR");

	return t && *t == '/' ? t : "/tmp";
}

int run_dir_open(struct run_dir *d, struct settings *s, char *why, size_t why_size)
{
	bool given = s->origin[SETTING_output] != SET_UNSET;
	const char *wanted = given ? setting_get(s, SETTING_output) : temp_root();
	int rc;

	memset(d, 0, sizeof(*d));
	rc = given ? use_given(d, wanted) : make_temporary(d, wanted);
	if (rc) {
		int shm = make_temporary(d, SHM);

		if (shm) {
			snprintf(why, why_size, "no place for the trace: %s: %s; " SHM ": %s",
				 wanted, strerror(-rc), strerror(-shm));
			return shm;
		}
		d->fallback = true;
		d->keep = given;
		fprintf(stderr, "pitfall: %s is not writable (%s): the trace goes to %s\n", wanted,
			strerror(-rc), d->path);
	}
	d->was_empty = is_empty(d->path);
	rc = setting_put(s, SETTING_output, d->path, SET_BY_USER, why, why_size);
	if (!rc) {
		rc = watch_open(&d->watch, d->path);
		if (rc)
			snprintf(why, why_size, "%s: %s", d->path, strerror(-rc));
	}
	if (rc)
		run_dir_close(d);
	return rc;
}

static int traces_new(const struct run_dir *d, char **paths)
{
	struct watched *x, *tmp;
	int n = 0;

	HASH_ITER (hh, d->watch.all, x, tmp)
		if (!x->before && asprintf(&paths[n], "%s/%s", d->path, x->name) >= 0)
			n++;
	return n;
}

int run_dir_traces(const struct run_dir *d, char ***paths)
{
	size_t room = HASH_COUNT(d->watch.all) + 1;

	*paths = calloc(room, sizeof(**paths));
	if (!*paths)
		return -ENOMEM;
	if (!d->was_empty)
		return traces_new(d, *paths);
	if (is_empty(d->path))
		return 0;
	(*paths)[0] = strdup(d->path);
	return (*paths)[0] ? 1 : -ENOMEM;
}

void run_dir_traces_free(char **paths, int n)
{
	for (int i = 0; paths && i < n; i++)
		free(paths[i]);
	free(paths);
}

static void remove_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

void run_dir_close(struct run_dir *d)
{
	if (d->living)
		fprintf(stderr,
			"pitfall: %d process%s of the run still live%s; the trace is in %s\n",
			d->living, d->living > 1 ? "es" : "", d->living > 1 ? "" : "s", d->path);
	else if (d->temporary && !d->keep)
		remove_all(d->path);
	if (d->fallback && d->keep && !d->living)
		fprintf(stderr, "pitfall: the trace is in %s\n", d->path);
	watch_close(&d->watch);
}
