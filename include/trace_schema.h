/* SPDX-License-Identifier: MIT */
/*
 * The one contract between libpitfall.so (writer) and the reporter (reader). No code, only vocabulary.
 *
 * A process leaves two files, NAME.jsonl and NAME.state.
 *   NAME.jsonl   events: one JSON object a line, EVENTS below.
 *   NAME.state   tables: a memory-mapped image of what is true now and what has been counted so far; struct st_header and RECORDS below.
 *                Complete after SIGKILL, readable while the process runs, is stopped or hangs.
 * A hand-written trace may give table rows as lines too: {"ev":"fd","num":7,"open":1,…}: "ev" is the record's name, the keys are its
 * field names, what is left out is 0. The reader maps both forms to the same structs.
 *
 * Units: times are CLOCK_MONOTONIC nanoseconds, 0 = never; addresses and pcs are raw; "stack" fields are ids of the stack table, 0 = none;
 * "thread" fields are thread serials (creation order in the process, from 1), 0 = unknown; "obj" fields are sync serials.
 * Any change of a record's layout raises TRACE_VERSION.
 */
#ifndef TRACE_SCHEMA_H
#define TRACE_SCHEMA_H

#include <stdint.h>

#define TRACE_VERSION 2
#define STATE_MAGIC   0x3154535446504650ull /* "PFPFTST1", little endian */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef char str16[16];
typedef char str48[48];

/* ---- JSON lines ---------------------------------------------------------------------------------------------------
 * E(name, what it says, F) with F(key, JSON type, meaning). Every line also carries
 *   "ev" name · "n" order key, one counter a process · "th" thread serial · "t" nanoseconds.
 * A line that does not begin with '{' was being written when the process died: readers skip and count it. Blank lines are legal. */
#define TRACE_EVENTS(E)                                                                                                            \
	E(process, "first line of every file: who is observed",                                                                    \
	  F(v, int, "TRACE_VERSION") F(pid, int, "") F(ppid, int, "") F(exe, str, "path of the program") F(comm, str, "")          \
	  F(host, str, "") F(boot_id, str, "") F(real, int, "CLOCK_REALTIME ns at t") F(mode, str, "audit or diagnose")            \
	  F(argv, arr, "only with argv=yes") F(nofile, int, "RLIMIT_NOFILE, soft") F(sigpending, int, "RLIMIT_SIGPENDING, soft")   \
	  F(parent_image, str, "name of the trace this one was forked from, or null"))                                             \
	E(module, "an object that is or was mapped",                                                                               \
	  F(id, int, "") F(bias, int, "load bias: address minus ELF virtual address") F(start, int, "") F(end, int, "")            \
	  F(path, str, "") F(build_id, str, "hex or empty") F(unloaded, int, "1: gone since"))                                     \
	E(stack, "a distinct call stack, before the first line that names it",                                                     \
	  F(id, int, "") F(pcs, arr, "return addresses, innermost first: pcs[0] is in the caller of the wrapped call"))            \
	E(deadlock, "a ring of threads that wait for each other, found by the last to block",                                      \
	  F(ring, arr, "objects: thread, tid, wait (call name), obj, addr, wait_stack, hold_stack: how the NEXT of the ring holds it or 0") \
	  F(self, int, "1: a ring of one"))                                                                                        \
	E(order, "a cycle in the lock-order graph",                                                                                \
	  F(edges, arr, "objects: from, to (sync serials), from_addr, to_addr, from_stack, to_stack, thread, from_mode, to_mode (HELD_*), times, ways (both as in edge), from_born, to_born (stacks)") \
	  F(doubt, int, "1: the threads may have been kept apart by an order that was not seen, or have met since")                      \
	  F(by_site, int, "not 0: two edges that go against each other by the birth sites of their locks only; a number for order_apart")) \
	E(order_apart, "two locks of such sites went both ways and were judged: the order line of that number is void", F(by_site, int, "")) \
	E(exhausted, "a call failed for want of descriptors or timers",                                                            \
	  F(what, str, "fd or timer") F(err, str, "EMFILE, ENFILE, EAGAIN") F(limit, int, "") F(live, int, "known alive") F(stack, int, "")) \
	E(misuse, "a call that breaks the rules of its object",                                                                    \
	  F(kind, str, "generic rule id") F(obj, int, "") F(addr, int, "") F(fd, int, "") F(stack, int, "") F(other, int, "the other thread, or 0") \
	  F(other_stack, int, "") F(err, str, "errno name the call returned, or empty")   \
	  F(call, str, "bad-descriptor: close, or empty for any other use; else the name of the call where the kind leaves it open") \
	  F(obj2, int, "a second object, such as the other mutex, or 0") F(addr2, int, "its address, or 0")                        \
	  F(obj3, int, "a third object, or 0") F(addr3, int, "its address, or 0")                                                  \
	  F(detached, int, "a thread that ended: 1 if nobody was to join it, or absent")                                            \
	  F(value, int, "a semaphore's last value, where that is wrong") F(made, int, "and the one it was made with")               \
	  F(place, int, "row of repeat, or 0") F(untold, int, "calls like this one, at the same place, since the line before that have none, or 0")                     \
	  F(third, int, "a third thread, or 0") F(third_stack, int, "and where it was, or 0") F(sig, int, "signal whose handler ran, or 0") \
	  F(handler, int, "address of that handler, or 0") F(detail, str, "a word that tells variants of a kind apart, or empty")   \
	  F(fd_kind, int, "bad-descriptor: enum fd_kind of it; third is who opened it, other who closed it")                       \
	  F(prev, int, "bad-descriptor: who had opened the number one generation before, or 0") F(prev_stack, int, "and where")    \
	  F(prev_closed_by, int, "who had closed that generation") F(prev_closed_stack, int, "and where")                          \
	  F(taken_for, str, "wrong-object-kind: what the call takes it for, or missing")                                           \
	  F(live, int, "failed-call: threads that lived when one was refused, or missing") F(limit, int, "and RLIMIT_NPROC, soft, 0 none") \
	  F(other_call, str, "the call of the other thread, or missing") F(held, arr, "addresses of the locks held at the call, where that matters") \
	  F(other_held, arr, "and at the other's") F(unsure, int, "1: what order there was between the two is not known"))         \
	E(fork, "a child was made", F(child, int, "pid") F(how, str, "fork, vfork, spawn, unseen") F(stack, int, ""))              \
	E(exec, "the image is about to be replaced, or failed to be", F(path, str, "") F(err, str, "errno name if it failed") F(stack, int, "")) \
	E(snapshot, "tables were compared with /proc on request", F(fds, int, "open by /proc") F(tasks, int, "threads by /proc")   \
	  F(fds_missed, int, "open but not in our table") F(fds_gone, int, "in our table but closed"))                             \
	E(watched, "NAME.seen, by the reporter: the threads did not move while it looked, and the kernel says they sleep", \
	  F(since, int, "ns: they had not moved since") F(threads, arr, "serials") F(tasks, int, "threads by /proc") F(handlers, int, "signals caught, by /proc: bit n - 1 for signal n")) \
	E(other_end, "NAME.seen, by the reporter: who else holds what a thread waits on",                                          \
	  F(fd, int, "the number in this process") F(gen, int, "its generation") F(ends, int, "descriptors of this process on the same pipe or queue that can end the wait") \
	  F(others, int, "other processes that hold it") F(pid, int, "one of these") F(comm, str, "its name"))                     \
	E(dropped, "counts of what was not recorded", F(what, str, "table or lines") F(count, int, "") F(why, str, ""))            \
	E(blind, "something the tool cannot see here", F(what, str, "") F(why, str, ""))                                           \
	E(tool_error, "the tool itself failed, and let the program go on", F(what, str, "") F(err, str, ""))                       \
	E(end, "last line", F(how, str, "exit, _exit, signal, exec, abort") F(status, int, "exit status or signal") F(stack, int, ""))

/* ---- calls a thread can be in ------------------------------------------------------------------------------------ */
/* C(name, class): class is what the call waits for. */
#define TRACE_CALLS(C)                                                                                                             \
	C(none, NONE) C(mutex_lock, LOCK) C(rwlock_rdlock, LOCK) C(rwlock_wrlock, LOCK) C(spin_lock, LOCK) C(join, JOIN)           \
	C(cond_wait, COND) C(sem_wait, SEM) C(barrier_wait, BARRIER) C(once, ONCE) C(flockfile, LOCK)                              \
	C(read, FD) C(write, FD) C(pread, FD) C(pwrite, FD) C(readv, FD) C(writev, FD) C(preadv, FD) C(pwritev, FD)                \
	C(recv, FD) C(recvfrom, FD) C(recvmsg, FD) C(recvmmsg, FD) C(send, FD) C(sendto, FD) C(sendmsg, FD) C(sendmmsg, FD)        \
	C(connect, FD) C(accept, FD) C(poll, POLL) C(ppoll, POLL) C(select, POLL) C(pselect, POLL) C(epoll_wait, POLL)             \
	C(sendfile, FD) C(splice, FD) C(tee, FD) C(vmsplice, FD) C(copy_file_range, FD)                                            \
	C(sleep, SLEEP) C(usleep, SLEEP) C(nanosleep, SLEEP) C(clock_nanosleep, SLEEP) C(thrd_sleep, SLEEP)                        \
	C(fsync, FD) C(fdatasync, FD) C(sync, DISK) C(msync, DISK) C(flock, FD) C(lockf, FD) C(fcntl, FD)                          \
	C(wait, CHILD) C(waitpid, CHILD) C(waitid, CHILD) C(wait3, CHILD) C(wait4, CHILD) C(system, CHILD) C(pclose, CHILD)        \
	C(getaddrinfo, NET) C(gethostbyname, NET) C(getnameinfo, NET)                                                              \
	C(mq_send, MQ) C(mq_receive, MQ) C(msgsnd, SYSV) C(msgrcv, SYSV) C(semop, SYSV)                                            \
	C(sigwait, SIGNAL) C(sigsuspend, SIGNAL) C(pause, SIGNAL) C(aio_suspend, DISK) C(lio_listio, DISK)                         \
	C(open, FD) C(close, FD) C(fread, FD) C(fwrite, FD) C(fgets, FD) C(getline, FD) C(fflush, FD) C(fputs, FD)                 \
	C(fgetc, FD) C(fputc, FD) C(fprintf, FD) C(fscanf, FD) C(fclose, FD) C(fopen, FD) C(popen, CHILD)                          \
	C(futex, FUTEX) C(sched_yield, SPIN) C(ioctl, FD) C(shutdown, FD) C(cxa_guard, ONCE) C(thrd_yield, SPIN)                           \
	C(mutex_trylock, SPIN) C(rwlock_tryrdlock, SPIN) C(rwlock_trywrlock, SPIN) C(spin_trylock, SPIN) C(sem_trywait, SPIN) C(cond_signal, NONE)

#define TRACE_CALL_ID(name, class) CALL_##name,
enum trace_call { TRACE_CALLS(TRACE_CALL_ID) CALL_MAX };
enum trace_call_class { CLASS_NONE, CLASS_LOCK, CLASS_JOIN, CLASS_COND, CLASS_SEM, CLASS_BARRIER, CLASS_ONCE, CLASS_FD, CLASS_POLL, CLASS_SLEEP,
			CLASS_DISK, CLASS_CHILD, CLASS_NET, CLASS_MQ, CLASS_SYSV, CLASS_SIGNAL, CLASS_FUTEX, CLASS_SPIN };

/* ---- enumerations of the tables ---------------------------------------------------------------------------------- */
#define TRACE_SYNC_KINDS(K) K(none) K(mutex) K(rwlock) K(spin) K(cond) K(sem) K(barrier) K(once)
#define TRACE_FD_KINDS(K)                                                                                                          \
	K(unknown) K(file) K(dir) K(pipe) K(fifo) K(socket) K(socketpair) K(eventfd) K(epoll) K(inotify) K(signalfd) K(timerfd)    \
	K(memfd) K(shm) K(mqueue) K(pty) K(pidfd) K(fanotify) K(dup) K(stream) K(received)
#define TRACE_TIMER_KINDS(K) K(posix) K(timerfd) K(itimer) K(alarm)
#define TRACE_SITE_KINDS(K)  K(thread) K(fd) K(timer) K(sem) K(mqueue) K(sync)
#define SYNC_KIND_ID(k)  SYNC_##k,
#define FD_KIND_ID(k)	 FDK_##k,
#define TIMER_KIND_ID(k) TIMER_##k,
#define SITE_KIND_ID(k)	 SITE_##k,
enum sync_kind { TRACE_SYNC_KINDS(SYNC_KIND_ID) SYNC_KINDS };
enum fd_kind { TRACE_FD_KINDS(FD_KIND_ID) FD_KINDS };
enum timer_kind { TRACE_TIMER_KINDS(TIMER_KIND_ID) TIMER_KINDS };
enum site_kind { TRACE_SITE_KINDS(SITE_KIND_ID) SITE_KINDS };

enum { /* thread.flags */
       TF_DETACHED = 1, TF_JOINED = 2, TF_ENDED = 4, TF_MAIN = 8, TF_ADOPTED = 16 /* birth not seen */, TF_CANCELED = 32,
       TF_BEFORE_MAIN = 64, TF_IN_DLOPEN = 128, TF_C11 = 256, TF_FORKED = 512 /* gone: lived in the parent only */,
       TF_LIBRARY = 1024 /* started from one of the system's shared libraries, not the program's own code */, TF_JOINING = 2048,
       TF_SERVES = 4096 /* it has used or closed itself the descriptor of the request it was started for */ };
enum { /* sync.flags */
       SF_STATIC = 1 /* first seen in use, init not seen */, SF_RECURSIVE = 2, SF_ERRORCHECK = 4, SF_PSHARED = 8, SF_ROBUST = 16,
       SF_NAMED = 32 /* sem_open */, SF_STACK = 64 /* lies on a thread's stack */, SF_C11 = 128, SF_PRIO_PROTECT = 256, SF_PRIO_INHERIT = 512,
       SF_DEAD = 1024 /* destroyed or its memory given back */, SF_ADAPTIVE = 2048, SF_CLOCK_MONO = 4096, SF_MULTI_MUTEX = 8192,
       SF_MODULE = 16384 /* lies in the data of the program or of a shared object */,
       SF_WRITERS_FIRST = 32768 /* rwlock: a waiting writer holds new readers back */,
       SF_MISUSED = 65536 /* a misuse of it was told */, SF_REMEMBERED = 131072 /* destroyed by a call, its memory as it was since */,
       SF_LEFT = 262144 /* sem: `left` is known */ };
enum { /* fd.flags */
       FF_INHERITED = 1, FF_NONBLOCK = 2, FF_CLOEXEC = 4, FF_STREAM = 8 /* owned by a FILE */, FF_DIRSTREAM = 16, FF_LIBRARY = 32,
       FF_USED_LATE = 64 /* used after a later open at its site */, FF_LISTEN = 128, FF_POLLED = 256 /* in some poll set once */,
       FF_PASSED = 512 /* sent by SCM_RIGHTS, or left to a child */, FF_LEARNED = 1024 /* found in /proc, open not seen */,
       FF_RDONLY = 2048, FF_WRONLY = 4096, FF_STOLEN = 8192 /* closed by one who neither opened nor used it, but had closed or used the number before */,
       FF_BEHIND = 16384 /* closed by number behind the back of the stream that owned it */,
       FF_MISUSED = 32768 /* a use after its close was told */,
       FF_UNSURE = 65536 /* opened by name and not used yet: kind may be another than file */,
       FF_CLOSE_FAILED = 524288 /* its close returned another error than EBADF: may be tried again */,
       FF_IN_EPOLL = 131072 /* in an epoll set now */, FF_PEER_GONE = 262144 /* at the end or at a snapshot: the other side had closed */,
       FF_COPY = 1048576 /* made by dup() of another */ };
enum { /* timer.flags */
       MF_ARMED = 1, MF_PERIODIC = 2, MF_RETURNED = 4 /* its creating call has returned */, MF_DELETED = 8, MF_CREATOR_ENDED = 16,
       MF_CONSUMED = 32 /* somebody takes its expirations: read, sigwait, getoverrun, polled, or a handler/thread function runs */,
       MF_WITH_WORK = 64 /* timerfd: in a poll set together with something that is no timer */,
       MF_RECEIVED = 128 /* its thread received something between arming it and making another */,
       MF_INSIDE = 256 /* its thread waited for something before its creating call had returned */,
       MF_LASTED = 512 /* the next of its place was made in the same call, as far as is known */ };
enum { /* spin.flags */
       SPF_GOES_ON = 1, SPF_ACQUIRED = 2 /* the last run ended in getting what was tried for */ };
enum { /* queue.flags */
       QF_MADE = 1 /* its name was made by this process */ };
enum { /* role.flags */
       RF_HANDLER = 1 /* at least once from a signal handler */, RF_TIMER = 2 /* from a timer's function */ };
enum { /* site.flags */
       XF_MANY_THREADS = 1, XF_GROWING = 2, XF_LIBRARY = 4,
       XF_CROWD = 8 /* threads: as many were alive at once as the setting crowd says */ };
enum { HELD_MUTEX = 1, HELD_READ, HELD_WRITE, HELD_SPIN, HELD_ONCE /* runs the initialiser of a once or a C++ local static */ };
enum { WF_TIMED = 1, WF_NONBLOCK = 2, WF_REGISTERED = 4 /* obj known */ };
enum { PHASE_START, PHASE_RUN, PHASE_EXITING /* exit() called */, PHASE_ENDED, PHASE_EXEC, PHASE_CRASHED };
enum { CONTROL_NONE, CONTROL_SNAPSHOT };

/* ---- tables ------------------------------------------------------------------------------------------------------
 * R(name, doc) and RECORD_<name>(F) with F(type, field, meaning). A row whose first field is 0 is free. */
#define TRACE_RECORDS(R)                                                                                                           \
	R(thread, "one row a thread ever seen, until joined or (detached) ended")                                                  \
	R(live, "what a living thread does now; its row is reused when the thread ends")                                           \
	R(sync, "mutexes, rwlocks, spinlocks, condvars, semaphores, barriers, onces that mattered")                                \
	R(fd, "descriptors; the row index is the number")                                                                          \
	R(timer, "timers")                                                                                                         \
	R(site, "birth sites: counts by (kind, stack)")                                                                            \
	R(hold_io, "a lock held across a blocking call, by (lock, acquisition, call)")                                             \
	R(contend, "waiting for a lock, by (lock, waiter's stack, holder's)")                                                             \
	R(edge, "lock order: `from` was held when `to` was acquired")                                                              \
	R(repeat, "misuse of one kind at one place: told sixteen times, then at 32, 64, …; all are counted here")                  \
	R(spin, "calls in a tight loop that did nothing, while another thread waited: the longest run by (thread, stack)")          \
	R(role, "who uses a queue how: one row a (object, thread, role)")                                                          \
	R(queue, "message queues by name: open here, or made here and still there")                                                \
	R(stack, "distinct call stacks: frames lie in the frame table")                                                            \
	R(frame, "return addresses of the stacks")

#define RECORD_thread(F)                                                                                                           \
	F(u32, serial, "creation order, from 1") F(u32, tid, "") F(u32, parent, "serial of the creator") F(u32, stack, "birth")    \
	F(u64, start, "start routine") F(u64, arg, "its argument") F(u64, pthread, "pthread_t") F(u64, born, "") F(u64, ended, "") \
	F(u64, joined, "") F(u32, flags, "TF_*") F(u32, site, "row of the birth site") F(u32, joiner, "who joined, or waits to")   \
	F(u32, end_stack, "where it ended, if by pthread_exit") F(u64, creator_cfa, "frame of the creating call")                  \
	F(u64, stack_lo, "its stack's lowest address, 0 unknown") F(u64, stack_hi, "") F(u32, live, "row in live while it lives")  \
	F(u32, jobs, "times it took something from a queue") F(u32, next, "hash chain") F(u32, canceler, "who asked first for its cancellation") F(u32, cancel_stack, "and where") F(u32, slot, "internal: its slot in the clocks + 1") \
	F(i32, req_fd, "the request: descriptor of a peer that its creator had taken or received from last when it started this thread") \
	F(u32, req_gen, "its generation, 0: there was none") F(u32, req_reads, "receives on it until then") F(u32, req_writes, "sends on it until then") \
	F(u64, arg_size, "usable bytes of the heap block its argument is, 0 not known") \
	F(str16, name, "pthread_setname_np or comm")
#define RECORD_live(F)                                                                                                             \
	F(u32, thread, "serial") F(u32, tid, "") F(u32, wait_call, "enum trace_call, 0 = running") F(u32, wait_flags, "WF_*")      \
	F(u64, wait_addr, "object waited for; join: the pthread_t") F(u32, wait_obj, "its serial; join: the thread's") F(i32, wait_fd, "-1 none") \
	F(u32, wait_stack, "0: not walked, see wait_pc") F(u32, wait_with, "cond: serial of the mutex given up") F(u64, wait_pc, "caller") \
	F(u64, wait_sp, "stack pointer of the waiting call") F(u64, wait_since, "0: not timed") F(u64, wait_with_addr, "cond: the mutex") \
	F(u32, nheld, "locks held, may exceed the rows kept") F(u32, acquiring, "1: in a lock call for held[nheld].addr that looked free; held or waited for, ask the lock")                  \
	F(u64, yields, "sched_yield and thrd_yield") F(u64, alive, "last dear call, coarse")
#define RECORD_sync(F)                                                                                                             \
	F(u32, serial, "birth order, from 1") F(u32, kind, "enum sync_kind") F(u64, addr, "") F(u32, flags, "SF_*")                \
	F(u32, thread, "born by") F(u32, stack, "birth: init, or first sight") F(u32, used_by, "last user seen on a slow path")    \
	F(u32, used_stack, "") F(u32, died_by, "") F(u32, died_stack, "if by a call that destroys") F(u32, waiters, "waiting now") F(u64, born, "") F(u64, died, "") \
	F(u64, waits, "times somebody had to wait") F(u64, wait_ns, "in all") F(u64, wait_max, "worst") F(u32, worst_waiter, "")   \
	F(u32, worst_holder, "") F(u32, with, "cond: its mutex, last") F(u32, value, "sem: initial; barrier: count; cond: woken and not yet back, at most")               \
	F(u64, posts, "sem: posts, cond: signals and broadcasts, on the slow path") F(u64, unheard, "cond: signals when nobody waited") \
	F(u32, last_poster, "") F(u32, site, "") F(u32, next, "hash chain") F(u32, edges, "first outgoing edge row") F(u32, in_edges, "first incoming one") F(u32, refs, "named semaphores: opened minus closed") \
	F(u32, page_next, "chain of its page") F(u32, owner_pid, "process-shared: pid that made it") F(str48, name, "named semaphores") \
	F(u64, frame, "on a stack: where its function keeps the return address, 0 unknown") F(u64, frame_pc, "and which one that is") \
	F(u64, woken, "last post, signal, broadcast or end of a barrier's turn while somebody waited") \
	F(u64, unheard_at, "cond: last signal when nobody waited, coarse") F(u32, unheard_by, "cond: who made it") F(u32, unheard_stack, "cond: and where") \
	F(u32, left, "sem: its value when the process ended") F(u32, pad, "")
#define RECORD_fd(F)                                                                                                               \
	F(u32, gen, "generation of this number, from 1; 0 = never seen") F(u32, open, "1 open, 0 closed") F(i32, num, "the number") \
	F(u32, kind, "enum fd_kind") F(u32, flags, "FF_*") F(u32, thread, "opened by") F(u32, stack, "opened at") F(u32, site, "") \
	F(u32, ordinal, "which opening of its site, from 1") F(u32, last_ordinal, "openings of its site at its last use")          \
	F(u32, used_by, "last user") F(u32, users, "threads that used it, 2 = several") F(i32, peer, "other end of a pipe or pair, -1") \
	F(u32, closed_by, "") F(u32, closed_stack, "") F(u64, born, "coarse") F(u64, closed, "coarse") F(u64, reads, "") F(u64, writes, "") \
	F(u64, used, "coarse time of last use") F(u64, creator_cfa, "frame of the creating call")                                  \
	F(u32, timer, "timerfd: row in timer") F(u32, prev_stack, "opened at, one generation ago") F(u32, prev_closed_by, "") F(u32, prev_closed_stack, "") \
	F(u32, sender, "queues: thread last noted in role as sending") F(u32, receiver, "as receiving") \
	F(u32, queue, "message queues: row in queue") F(u32, work, "epoll: a member of the set that is no timer, number + 1") \
	F(u64, used_pc, "caller of the last use") F(u64, prev_used_pc, "of the last use, one generation ago") F(u32, prev_thread, "opened by, one generation ago") \
	F(u32, prev_used_by, "last user, one generation ago") F(u32, prev_kind, "enum fd_kind, one generation ago") F(u32, prev_flags, "FF_*, one generation ago") \
	F(u32, stranger, "who uses it without having opened it, but had used and closed the number before") F(u32, pad, "")
#define RECORD_timer(F)                                                                                                            \
	F(u32, serial, "from 1") F(u32, kind, "enum timer_kind") F(u64, id, "timer_t; timerfd: the number") F(u32, flags, "MF_*")  \
	F(u32, notify, "SIGEV_*") F(u32, signo, "") F(u32, clock, "") F(u32, thread, "created by") F(u32, stack, "created at") F(u32, site, "") \
	F(u32, arms, "times armed") F(u64, born, "") F(u64, armed, "last armed") F(u64, value, "ns until first expiry when last armed") \
	F(u64, interval, "ns, 0 one-shot") F(u64, consumed, "expirations somebody took") F(u64, died, "") F(u64, creator_cfa, "frame of the creating call") \
	F(u64, function, "SIGEV_THREAD: its function") F(u32, arm_stack, "last armed at") F(u32, next, "hash chain") \
	F(u32, then_call, "enum trace_call: what its thread did next that can block, after it was first armed") F(u32, then_kind, "enum fd_kind: on what") \
	F(u64, then_addr, "or on which semaphore or condvar; a descriptor: its number") F(u32, with, "MF_WITH_WORK: that descriptor's number + 1") \
	F(u32, with_kind, "and its enum fd_kind") F(u32, epoll, "timerfd: the epoll set it is in, number + 1") F(u32, pad, "")
#define RECORD_site(F)                                                                                                             \
	F(u32, serial, "row index + 1") F(u32, kind, "enum site_kind") F(u32, stack, "") F(u32, sub, "fd_kind or timer_kind")      \
	F(u32, thread, "first creator") F(u32, flags, "XF_*") F(u32, made, "") F(u32, gone, "") F(u32, peak, "most alive at once") \
	F(u32, failed, "EMFILE, ENFILE, EAGAIN") F(u32, gone_newest, "closed while the newest of its site: the good loop")         \
	F(u32, used_late, "used again after a later one was opened") F(u32, returned, "creating call returned, still alive")      \
	F(u32, batch, "closed one after another without an opening between, longest run") F(u32, batch_now, "") F(u32, unjoined, "threads: ended, not joined") \
	F(u64, first, "") F(u64, last, "") F(u64, window, "start of the growth window") F(u32, window_min, "least alive in it") F(u32, rising, "windows in a row whose least was a new high") \
	F(u64, rise_began, "start of the first of them") F(u32, high, "highest least of a window, lately") F(u32, high_before, "and of the day before") F(u32, windows, "closed since the day began") \
	F(u32, next, "hash chain") F(u64, period_ns, "timers: least interval")                                                 \
	F(u32, lost, "sync: made by a call, then gone with their memory or made anew, never destroyed") F(u32, pad, "") \
	F(u64, round_began, "threads: a round is a run of births without a pause; when this one began") F(u64, round_last, "its newest birth")                    \
	F(u32, round_by, "its creator") F(u32, round_waits, "internal: waits of the creator until then") F(u32, round, "births in it so far") F(u32, rounds, "rounds of 4 births at least, this one left out") \
	F(u32, round_most, "most births of a round") F(u32, round_live, "alive when it began") F(u32, climb, "rounds in a row that began with more alive than the one before") \
	F(u32, climb_most, "the longest such run") F(u32, level, "rounds since it ended that began with nearly as many alive") F(u32, blocked, "threads: most found blocked at one call site as a round began") \
	F(u32, blocked_of, "of so many alive") F(u32, blocked_call, "enum trace_call of these") F(u64, blocked_pc, "caller of that call") \
	F(u32, gate, "threads: semaphore or condition variable that a creator had waited for just before it started one") F(u32, pad2, "")
#define RECORD_hold_io(F)                                                                                                          \
	F(u32, obj, "the lock") F(u32, mode, "HELD_*") F(u64, addr, "") F(u32, acq_stack, "where it was taken") F(u32, call, "enum trace_call") \
	F(u32, call_stack, "") F(u32, fd_kind, "what the call was on") F(i32, fd, "last") F(u32, thread, "last") F(u64, count, "times it blocked ≥ the limit") \
	F(u64, ns, "") F(u64, max, "") F(u64, wait_ns, "that others waited for the lock meanwhile") F(u64, wait_max, "") F(u32, waits, "") \
	F(u32, worst_waiter, "") F(u32, worst_waiter_stack, "") F(u32, next, "hash chain") F(u64, first, "") F(u64, last, "")
#define RECORD_contend(F)                                                                                                          \
	F(u32, obj, "the lock") F(u32, stack, "where it was waited for") F(u64, addr, "") F(u64, count, "") F(u64, ns, "") F(u64, max, "") \
	F(u32, thread, "worst waiter") F(u32, holder, "whom it waited for, then") F(u32, holder_stack, "") F(u32, next, "hash chain") \
	F(u64, holder_pc, "where it had been taken by whoever held it when the wait began: one row each, 0 unknown")
#define RECORD_edge(F)                                                                                                             \
	F(u32, from, "") F(u32, to, "") F(u32, from_stack, "") F(u32, to_stack, "") F(u32, thread, "first seen by") F(u32, flags, "1: several threads; 2: part of a cycle that was told; 4: more ways than are kept; 8: told as suspected") \
	F(u32, from_mode, "HELD_*") F(u32, to_mode, "HELD_*") F(u32, next, "hash chain") F(u32, out, "next edge of `from`") F(u32, in, "next edge to `to`") F(u32, from_row, "") F(u32, to_row, "") F(u32, era, "internal: forks survived")        \
	F(u32, gate0, "another lock held meanwhile, every time") F(u32, gate1, "") F(u32, gate2, "") F(u32, gate3, "") F(u64, born, "") \
	F(u32, times, "times seen, once between two releases of a thread at most") F(u32, nuses, "ways in which it is made: threads, other locks held meanwhile") \
	F(u64, uses, "internal: these") F(u32, mark, "internal: of the last search that came by") F(u32, queued, "internal: next to be looked at in it")
#define RECORD_repeat(F)                                                                                                           \
	F(u32, row, "its own") F(u32, times, "seen") F(u32, told, "of these, up to the last line") F(u32, stack, "of the call")
#define RECORD_spin(F)                                                                                                             \
	F(u32, thread, "") F(u32, stack, "") F(u32, call, "enum trace_call, the last one") F(u32, flags, "SPF_*") F(u64, addr, "lock or semaphore tried, 0 none") \
	F(u64, calls, "in the longest run") F(u64, ns, "its time, the first 1024 calls left out") F(u64, cpu, "processor time of that, ns") \
	F(u32, episodes, "runs seen with somebody waiting") F(u32, waiter, "who waited for the thread") F(u32, waiter_call, "enum trace_call") \
	F(u32, waiter_stack, "") F(u64, waiter_since, "") F(u64, last, "last looked at")
#define RECORD_role(F)                                                                                                             \
	F(u32, kind, "1 sync, 2 fd, 3 mqueue") F(u32, obj, "serial, or number") F(u32, gen, "fd generation") F(u32, thread, "")    \
	F(u32, role, "1 sends or signals, 2 receives or waits, 4 closes") F(u32, stack, "first") F(u64, count, "on the slow path") F(u64, last, "") \
	F(u32, next, "hash chain") F(u32, flags, "RF_*") F(u64, first, "")
#define RECORD_queue(F)                                                                                                            \
	F(u32, serial, "row index + 1") F(u32, flags, "QF_*") F(u32, thread, "made or first opened by") F(u32, stack, "and where") \
	F(u32, opened, "descriptors of it open now") F(u32, opens, "ever opened") F(u64, born, "") F(u32, hash, "of the name") F(u32, pad, "") F(str48, name, "cut to 47 characters")
#define RECORD_stack(F) F(u32, id, "row index + 1") F(u32, depth, "") F(u32, frames, "first row in frame") F(u32, flags, "1: its line is written") F(u32, next, "hash chain") F(u32, hash, "")
#define RECORD_frame(F) F(u64, pc, "")

enum { HF_SETTLED = 1 /* its stack is exact */, HF_INHERITED = 2 /* taken by the parent, before the fork */ };
#define HELD_MAX 25 /* rows kept a thread; deeper ones are counted. A live row fills 14 cache lines */
struct st_held {
	u64 addr;    /* the lock */
	u64 pc;	     /* return address of the acquiring call */
	u64 sp;	     /* address of that return address on the stack */
	u32 stack;   /* acquisition stack, 0 = not walked */
	u16 count;   /* recursion depth */
	u8 mode;     /* HELD_* */
	u8 flags;    /* HF_* */
};

#define RECORD_FIELD(type, field, doc) type field;
#define RECORD_STRUCT(name, doc)       struct st_##name { RECORD_##name(RECORD_FIELD) RECORD_EXTRA_##name };
#define RECORD_EXTRA_thread
#define RECORD_EXTRA_live struct st_held held[HELD_MAX]; /* JSON form: "held" rows with a "thread" key */
#define RECORD_EXTRA_sync
#define RECORD_EXTRA_fd
#define RECORD_EXTRA_timer
#define RECORD_EXTRA_site
#define RECORD_EXTRA_hold_io
#define RECORD_EXTRA_contend
#define RECORD_EXTRA_edge
#define RECORD_EXTRA_repeat
#define RECORD_EXTRA_spin
#define RECORD_EXTRA_role
#define RECORD_EXTRA_queue
#define RECORD_EXTRA_stack
#define RECORD_EXTRA_frame
TRACE_RECORDS(RECORD_STRUCT)

#define RECORD_ID(name, doc) TABLE_##name,
enum trace_table { TRACE_RECORDS(RECORD_ID) TABLES };

/* Row i of a table lies in chunk k = log2(i / first + 1), at chunk[k] + (i - first * (2^k - 1)) * size; chunk k has first * 2^k rows. */
#define TABLE_CHUNKS 20
struct st_table {
	u32 size;   /* of a row, bytes */
	u32 first;  /* rows of chunk 0, a power of two */
	u32 used;   /* high-water mark: rows ever handed out */
	u32 free;   /* head of the free list, row index + 1; linked through the row's second u32 */
	u32 max;    /* rows at most; past it `dropped` counts */
	u32 lock;   /* internal */
	u64 dropped;
	u64 chunk[TABLE_CHUNKS]; /* file offsets, 0 = not yet */
};

struct st_header {
	u64 magic;
	u32 version;	 /* TRACE_VERSION */
	u32 header_size; /* sizeof(struct st_header) */
	u32 pid, ppid;
	u32 mode;	 /* 0 audit, 1 diagnose */
	u32 phase;	 /* PHASE_* */
	u32 control;	 /* CONTROL_*, written from outside */
	u32 control_ack; /* counts requests answered */
	u32 status;	 /* exit status or signal once phase says so */
	u32 flags_raised; /* lines written that are findings */
	u32 stuck;	 /* 1: a certain deadlock was found; no thread of the ring can go on */
	u32 threads_live, threads_made;
	u32 nofile;	 /* RLIMIT_NOFILE, soft */
	u32 sigpending;	 /* RLIMIT_SIGPENDING, soft */
	u32 fds_open, fds_peak;
	u32 timers_live, timers_peak;
	u32 file_backed; /* 0: the state could not be kept in a file past file_size */
	u64 started;	 /* CLOCK_MONOTONIC */
	u64 started_real;
	u64 ended;
	u64 file_size;	 /* bytes valid in the file */
	u64 lines;	 /* lines written to NAME.jsonl */
	u64 lines_dropped;
	u64 main_started; /* when main began, 0 = not yet */
	u64 handlers;	 /* signals the program has set a handler for: bit n - 1 for signal n */
	char trace[256]; /* absolute path of NAME.jsonl */
	struct st_table table[TABLES];
};

#endif
