#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Reader-writer locks, spinlocks, barriers, onces: who waits for what, rings, misuse, and sound use without a word.
load wrap.sh

setup_file() { wrap_setup_file locks.c statics.cc sync_stress.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

waiting() { some live ".wait_call == $(num "CALL_$1") and .wait_obj > 0" "$2"; } # CALL HOW MANY

@test "a reader and a writer wait for a lock that is written" {
	start locks rwlock-waits
	until_true waiting rwlock_rdlock 1
	until_true waiting rwlock_wrlock 1
	some sync ".kind == $(num SYNC_rwlock) and .waiters == 2" 1
	finish
	some sync ".kind == $(num SYNC_rwlock) and .waiters == 0 and .waits == 2" 1
	silent deadlock
}

@test "a read lock upgraded to write is a ring of one" {
	hangs locks upgrade
	ring rwlock_wrlock
}

@test "a reader who waits for a mutex whose holder waits to write" {
	hangs locks reader-and-mutex
	ring mutex_lock rwlock_wrlock
	lines deadlock | jq -e 'all(.ring[]; .wait_stack > 0 and .hold_stack > 0)'
}

@test "reading again while a writer waits: sound, but not where writers come first" {
	start locks readers-first
	until_true waiting rwlock_wrlock 1
	finish
	silent deadlock
	rm -r "$T/trace"
	start locks writers-first
	until_true waiting rwlock_wrlock 1
	echo >&9
	until_true said deadlock
	ring rwlock_rdlock rwlock_wrlock
	kill -KILL "$started"
	wait "$started" || true
	started=
}

@test "a spinlock taken twice" {
	hangs locks spin-twice
	ring spin_lock
}

@test "an initialiser that joins a thread which calls the same once" {
	hangs locks once-ring
	ring join once
}

@test "a once inside its own initialiser" {
	hangs locks once-self
	ring once
}

@test "a local static's initialiser that joins a thread which needs the static" {
	hangs statics ring
	ring join cxa_guard
}

@test "local statics and std::call_once, also when an initialiser throws" {
	whole statics sound
	[ "$(cat "$T/out")" = "7 3 3" ]
	silent deadlock
	silent misuse
}

@test "waiting for another thread's initialiser" {
	start locks once-waits
	until_true waiting once 1
	finish
	some live ".wait_call == $(num CALL_once)" 0
}

@test "a barrier knows its count and who waits" {
	start locks barrier-waits
	until_true waiting barrier_wait 2
	some sync ".kind == $(num SYNC_barrier) and .value == 3 and .waiters == 2" 1
	finish
	silent misuse
}

@test "misuse is told, and each call returns what it returns alone" {
	whole locks misuse
	diff <(misuses) - <<-'END'
		barrier-misuse
		relock
		relock
		unlock-by-other-thread
	END
}

@test "sound use of all kinds says nothing and leaves nothing held" {
	start locks sound
	some live '.nheld > 0' 0
	finish
	silent misuse
	silent deadlock
	silent order
}

@test "twenty runs of everything at once, two at a time" {
	for _ in $(seq 10); do
		PITFALL_OPTIONS=output=$T/a LD_PRELOAD=$LIB "$BIN/sync_stress" >"$T/out.a" 3>&- &
		PITFALL_OPTIONS=output=$T/b LD_PRELOAD=$LIB "$BIN/sync_stress" >"$T/out.b" 3>&-
		wait $!
		[ "$(cat "$T/out.a")" = "sums 2000 2000 4000 4000 100" ]
		diff "$T/out.a" "$T/out.b"
	done
	if grep -ah '^{"ev":"\(deadlock\|order\|misuse\|tool_error\|dropped\)' "$T"/a/*.jsonl "$T"/b/*.jsonl; then return 1; fi
}
