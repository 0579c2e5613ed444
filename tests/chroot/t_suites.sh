#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The object built here, loaded into programs of bare Debian 11, 12 and 13: as root, as nobody, on a read-only root, as PID 1 of a PID
# namespace. The threaded program is built here against symbols that all of them have.
set -u
. "$(dirname "$0")/lib.sh"
needs mmdebstrap chroot unshare setpriv gcc

# Observed by a bare preload in chroot $dir; further words before the program go to `env`.
in_chroot() {
	chroot "$dir" /usr/bin/env LC_ALL=C PATH=/usr/bin:/bin LD_PRELOAD=/opt/libpitfall.so \
		PITFALL_OPTIONS=keep=yes:output=/tmp/trace "$@" >"$T/out" 2>&1
}

# Output and status as without us, nothing on stderr, and a whole trace that says "observed".
same_and_observed() { # NAME PROGRAM COMMAND...
	local name=$1 program=$2 rc=0 alone=0
	shift 2
	rm -rf "$dir"/tmp/trace
	chroot "$dir" /usr/bin/env LC_ALL=C PATH=/usr/bin:/bin "$@" >"$T/alone" 2>&1 || alone=$?
	in_chroot "$@" || rc=$?
	[ $rc -eq $alone ] && cmp -s "$T/alone" "$T/out" && observed "$program"
	result $? "$suite: $name"
}

observed() { # PROGRAM
	"$O/bin/pitfall" report -f json -o "$T/report.json" "$dir/tmp/trace" >>"$T/out" 2>&1 &&
		jq -e --arg p "$1" 'any(.processes[]; (.program | split("/")[-1] | IN($p, if $p == "sh" then "dash" else $p end)) and .coverage.observed and .ended == "exit")
			and .summary.errors == 0' "$T/report.json" >>"$T/out"
}

threads_program() {
	cat >"$T/threads.c" <<-'END'
		#include <pthread.h>
		#include <semaphore.h>
		#include <stdio.h>
		#include <sys/wait.h>
		#include <unistd.h>
		static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
		static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
		static sem_t sem;
		static int turns;
		static void *work(void *arg)
		{
			for (int i = 0; i < 1000; i++) {
				pthread_mutex_lock(&lock);
				turns++;
				pthread_cond_signal(&cond);
				pthread_mutex_unlock(&lock);
			}
			sem_post(&sem);
			return arg;
		}
		int main(void)
		{
			pthread_t t[4];
			int status;
			pid_t child;

			sem_init(&sem, 0, 0);
			for (int i = 0; i < 4; i++)
				pthread_create(&t[i], 0, work, 0);
			pthread_mutex_lock(&lock);
			while (turns < 4000)
				pthread_cond_wait(&cond, &lock);
			pthread_mutex_unlock(&lock);
			for (int i = 0; i < 4; i++)
				sem_wait(&sem);
			for (int i = 0; i < 4; i++)
				pthread_join(t[i], 0);
			child = fork();
			if (!child)
				_exit(close(dup(1)));
			waitpid(child, &status, 0);
			printf("%d %d\n", turns, status);
			return 7;
		}
	END
	# as old as they get: everything by the symbol versions of Debian 11's glibc
	sed -n 's/.*\b\(pthread_create\|pthread_join\|sem_init\|sem_post\|sem_wait\)\b.*/\1/p' "$T/threads.c" | sort -u >"$T/names"
	while read -r name; do
		echo "__asm__(\".symver $name, $name@GLIBC_2.2.5\");"
	done <"$T/names" >"$T/versions.h"
	gcc -O1 -g -pthread -fno-pie -no-pie -nostartfiles -include "$T/versions.h" -o "$T/threads" "$T/threads.c" -x c - <<-'END'
		extern int main(void);
		extern void exit(int);
		__attribute__((used, naked)) void _start(void)
		{
			__asm__("xor %ebp, %ebp; and $-16, %rsp; call main; mov %eax, %edi; call exit");
		}
	END
}

# Debian 11 has its threads in libpthread.so.0, which a program built for 12 no longer asks for: it is given by preload order.
run_threads() {
	cp "$T/threads" "$dir/opt/threads"
	if [ "$suite" = bullseye ]; then
		rm -rf "$dir"/tmp/trace
		chroot "$dir" /usr/bin/env "LD_PRELOAD=/opt/libpitfall.so libpthread.so.0" PITFALL_OPTIONS=keep=yes:output=/tmp/trace \
			/opt/threads >"$T/out" 2>&1
		[ $? -eq 7 ] && [ "$(cat "$T/out")" = "4000 0" ] && observed threads
		result $? "$suite: threads, condition variables, semaphores, fork"
	else
		same_and_observed "threads, condition variables, semaphores, fork" threads /opt/threads
	fi
}

as_nobody() {
	rm -rf "$dir"/tmp/trace
	setpriv --reuid=65534 --regid=65534 --clear-groups chroot "$dir" /bin/true 2>/dev/null
	chroot --userspec=65534:65534 "$dir" /usr/bin/env LD_PRELOAD=/opt/libpitfall.so PITFALL_OPTIONS=keep=yes:output=/tmp/trace \
		/bin/sh -c 'ls / >/dev/null; id -u' >"$T/out" 2>&1
	[ "$(cat "$T/out")" = 65534 ] && observed ls
	result $? "$suite: as nobody"
}

# A mount namespace of our own; where the root is a plain chroot, no mount point, its propagation can't be set (nor is it shared with anybody).
unshare_mounts() {
	if unshare -m true 2>/dev/null; then
		unshare -m "$@"
	else
		unshare -m --propagation unchanged "$@"
	fi
}

read_only() {
	unshare_mounts sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount --bind /proc "$1/proc" && exec chroot "$1" /usr/bin/env \
		LD_PRELOAD=/opt/libpitfall.so PITFALL_OPTIONS=keep=yes:output=/tmp/trace /bin/sh -c "ls / >/dev/null; (: >/x) || echo ro"' \
		sh "$dir" >"$T/out" 2>&1
	# one line of ours, from the first process only, and the shell's own complaint
	[ "$(tail -n 1 "$T/out")" = ro ] && [ "$(grep -c pitfall "$T/out")" -le 2 ]
	result $? "$suite: on a read-only root with nowhere to write"
	unshare_mounts sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t tmpfs none "$1/tmp" && chroot "$1" /usr/bin/env \
		LD_PRELOAD=/opt/libpitfall.so PITFALL_OPTIONS=keep=yes:output=/tmp/trace /bin/sh -c "ls / >/dev/null; echo end" &&
		ls "$1"/tmp/trace/*.state' sh "$dir" >"$T/out" 2>&1
	[ "$(head -n 1 "$T/out")" = end ] && grep -q '/trace/ls-' "$T/out" && [ "$(wc -l <"$T/out")" -ge 3 ]
	result $? "$suite: on a read-only root with a tmpfs"
}

as_pid_1() {
	rm -rf "$dir"/tmp/trace
	unshare_mounts -pf sh -c 'mount -t proc proc "$1/proc" && shift && exec "$@"' sh "$dir" chroot "$dir" /usr/bin/env LD_PRELOAD=/opt/libpitfall.so \
		PITFALL_OPTIONS=keep=yes:output=/tmp/trace /bin/sh -c 'ls / >/dev/null; echo $$' >"$T/out" 2>&1
	[ "$(cat "$T/out")" = 1 ] && observed ls
	result $? "$suite: as PID 1 of a PID namespace"
}

threads_program || skip_all "the threaded program could not be built"
any=
for suite in bullseye bookworm trixie; do
	dir=$CHROOTS/$suite
	if ! make_chroot $suite; then
		n=$((n + 1))
		echo "ok $n - $suite # skip could not be made: $(tail -n 1 "$T/out")"
		continue
	fi
	any=yes
	mkdir -p "$dir/opt"
	cp "$LIB" "$dir/opt/libpitfall.so"
	same_and_observed ls ls ls -l /etc/passwd
	same_and_observed "sh and its children" sh sh -c 'ls / | wc -l; x=$(echo sub); echo $x; exit 3'
	same_and_observed "bash, and what it becomes" ls bash -c 'for f in /etc/*; do test -r $f && let n++; done; echo $n; ls /; exec ls /opt'
	same_and_observed perl perl perl -e 'pipe(R, W); if (!fork) { print W "hi\n"; exit } wait; close W; print <R>; exit 2'
	same_and_observed "find, sort" find sh -c 'find /etc -name "p*" | sort'
	run_threads
	as_nobody
	read_only
	as_pid_1
done
finish
