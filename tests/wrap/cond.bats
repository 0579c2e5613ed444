#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Condition variables: the mutex is given up and had again, whatever ends the wait.
load wrap.sh

setup_file() { wrap_setup_file cond.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

sound_so_far() {
	some live '.nheld > 0 or .acquiring > 0' 0
	some live ".wait_call == $(num CALL_cond_wait)" 0
	some sync ".kind == $(num SYNC_cond) and .waiters != 0" 0
}

@test "timeouts and refusals: results, errno, the mutex held again" {
	whole cond timeouts
	[ "$(misuses | grep -vx failed-call)" = cond-wait-without-mutex ] # the one that libc refuses, too
	misuses | grep -qx failed-call
	some live '.nheld > 0' 0
}

@test "cancelled in a wait: the cleanup handler's unlock is no fault, nobody is left waiting" {
	start cond canceled
	sound_so_far
	finish
	silent misuse deadlock
}

@test "destroyed as soon as its waiters are woken" {
	start cond destroyed
	sound_so_far
	some sync '.waiters > 1000' 0
	finish
	silent misuse
}

@test "ping-pong" {
	start cond ping-pong
	sound_so_far
	some sync ".kind == $(num SYNC_cond) and .posts >= 20000 and .with > 0" 1
	finish
	silent misuse
}

@test "a waiter is shown with its mutex, which it does not hold" {
	start cond shown
	until_true some live ".wait_call == $(num CALL_cond_wait) and .wait_with > 0 and .wait_obj > 0 and .nheld == 0 and .wait_stack > 0" 1
	some sync ".kind == $(num SYNC_cond) and .waiters == 1" 1
	finish
	some sync ".kind == $(num SYNC_cond) and .waiters == 0" 1
}
