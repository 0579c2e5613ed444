/* SPDX-License-Identifier: MIT */
/*
 * Words for places, threads and things, the same in all rules (rule.h). Owns a ring of small
 * buffers: a result is good until RING more were asked for. Not signal-safe.
 */
#include <stdio.h>
#include "render.h"
#include "rule.h"
#include "util.h"

#define RING 16

static char *buffer(size_t *size)
{
	static char ring[RING][768];
	static unsigned next;

	*size = sizeof(ring[0]);
	return ring[next++ % RING];
}

const char *say_frame(const struct frame *f)
{
	size_t size;
	char *s = buffer(&size);

	if (!f)
		snprintf(s, size, "an unknown place");
	else if (f->function && f->file)
		snprintf(s, size, "%s (%s:%d)", f->function, path_base(f->file), f->line);
	else if (f->function)
		snprintf(s, size, "%s", f->function);
	else
		snprintf(s, size, "%s+0x%llx", f->module ? path_base(f->module) : "?",
			 (unsigned long long)f->offset);
	return s;
}

const char *say_place(const struct model_process *p, u32 stack)
{
	return say_frame(frames_program(process_frames(p, stack)));
}

const char *say_thread(const struct model_process *p, u32 serial)
{
	const struct st_thread *t = process_thread(p, serial);
	const char *start;
	size_t size;
	char *s = buffer(&size);

	if (!serial)
		return "an unknown thread";
	if (t && t->flags & TF_MAIN)
		return "the main thread";
	start = t ? process_function_at(p, t->start) : NULL;
	if (t && t->name[0])
		snprintf(s, size, "thread %u '%s'", serial, t->name);
	else if (start)
		snprintf(s, size, "thread %u (%s)", serial, start);
	else
		snprintf(s, size, "thread %u", serial);
	return s;
}

const char *say_sync(const struct model_process *p, u32 serial, u64 addr)
{
	const struct st_sync *y = serial ? process_sync(p, serial) : process_sync_at(p, addr);
	static const char *const kinds[SYNC_KINDS] = {
	    "lock",	 "mutex",   "rwlock", "spinlock", "condition variable",
	    "semaphore", "barrier", "once"};
	const char *kind = y && y->kind < SYNC_KINDS ? kinds[y->kind] : "lock", *name;
	size_t size;
	char *s = buffer(&size);

	if (!addr && y)
		addr = y->addr;
	name = y && y->name[0] ? y->name : process_variable_at(p, addr);
	if (name)
		snprintf(s, size, "%s '%s'", kind, name);
	else if (y && y->stack && !(y->flags & SF_STATIC))
		snprintf(s, size, "%s made in %s", kind, say_place(p, y->stack));
	else if (y && y->stack)
		snprintf(s, size, "%s first used in %s", kind, say_place(p, y->stack));
	else
		snprintf(s, size, "%s 0x%llx", kind, (unsigned long long)addr);
	return s;
}

const char *say_fd(const struct model_process *p, int fd, u32 kind)
{
	const struct st_fd *f = process_fd(p, fd);
	size_t size;
	char *s = buffer(&size);

	if (fd < 0)
		snprintf(s, size, "a %s", fd_kind_name(kind));
	else
		snprintf(s, size, "%s %d", fd_kind_name(kind ? kind : f ? f->kind : 0), fd);
	return s;
}

const char *say_times(u64 n)
{
	size_t size;
	char *s = buffer(&size);

	if (n == 1)
		return "once";
	snprintf(s, size, "%llu times", (unsigned long long)n);
	return s;
}

const char *say_time(u64 ns)
{
	size_t size;
	char *s = buffer(&size);

	return duration_text(ns, s, size);
}
