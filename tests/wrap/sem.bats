#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Semaphores: who waits, who posts and who takes; names; cancellation at a value above zero; handlers; misuse.
load wrap.sh

setup_file() { wrap_setup_file sem.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

@test "two wait, one posts: waits and roles" {
	start sem waits
	until_true some live ".wait_call == $(num CALL_sem_wait) and .wait_obj > 0 and .wait_stack > 0 and .wait_since > 0" 2
	some sync ".kind == $(num SYNC_sem) and .value == 0 and .waiters == 2" 1
	finish
	some sync ".kind == $(num SYNC_sem) and .waiters == 0 and .waits == 2" 1
	some role '.kind == 1 and .role == 2' 3 # both, and main's trywait
	some role '.kind == 1 and .role == 1' 1
}

@test "who loses a race for a token above zero is on record as waiting" {
	start sem race
	until_true some live ".wait_call == $(num CALL_sem_wait) and .wait_addr > 0 and .wait_pc > 0" 1
	finish
}

@test "cancelled at a value above zero: the token stays" {
	for _ in 1 2 3 4 5; do
		whole sem cancel
	done
}

@test "a wait left by cancellation is on record no longer" {
	start sem cancel-waiting
	some live ".wait_call == $(num CALL_sem_wait)" 0
	finish
}

@test "a named one opened twice is one object until the last close" {
	start sem named
	some sync ".kind == $(num SYNC_sem) and .refs == 1 and .value == 3 and (.name | startswith(\"/wrap-sem-\"))" 1
	echo >&9
	until_true grep -q closed "$T/out"
	until_true some sync ".kind == $(num SYNC_sem) and .died == 0" 0
	finish
}

@test "posts from a handler, waits with a limit" {
	whole sem signals
	silent misuse
}

@test "one post too many" {
	whole sem misuse
	[ "$(misuses | grep -vx failed-call)" = semaphore-misuse ]
}
