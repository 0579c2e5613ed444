#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Mutexes: every kind gives the results it gives without us; faults are told, sound use is not.
load wrap.sh

setup_file() { wrap_setup_file mutex.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

sound() { # SCENE
	whole mutex "$1"
	silent misuse deadlock order tool_error
}
refused() { # SCENE ERROR
	whole mutex "$1"
	[ "$(misuses | sort -u)" = failed-call ]
	lines misuse | jq -se "all(.[]; .err == \"$2\")"
	silent deadlock order tool_error
}

@test "normal, recursive, errorcheck, adaptive; inheriting, robust, shared: all results, errno untouched" {
	sound kinds
	some live '.nheld > 0' 0
}

@test "errorcheck: EDEADLK is told as relock, EPERM as an unlock of another's and of nobody's" {
	whole mutex errorcheck
	misuses | grep -qx relock
	misuses | grep -qx unlock-by-other-thread
	misuses | grep -qx unlock-not-held
	lines misuse | jq -se 'map(select(.kind == "relock")) | length > 0 and all(.[]; .err == "EDEADLK" and .other_stack > 0 and .stack > 0)'
	silent deadlock
}

@test "a ceiling" { refused protect EINVAL; }

@test "robust: the owner dies, it is made consistent, or not" {
	refused robust ENOTRECOVERABLE
}

@test "robust and shared: with a process that dies with it" {
	sound shared
}

@test "unlocked by nobody's holder" {
	whole mutex not-held
	[ "$(misuses)" = unlock-not-held ]
}

@test "unlocked by another thread, with its holder's stack" {
	whole mutex other
	[ "$(misuses | uniq)" = unlock-by-other-thread ]
	lines misuse | jq -se 'all(.[]; .other > 0 and .other_stack > 0)'
}

@test "destroyed while held" {
	whole mutex destroyed
	misuses | grep -qx destroy-while-in-use
}

@test "handlers that lock in the middle of lock calls leave no phantom" {
	start mutex handlers
	some live '.nheld > 0 or .acquiring > 0' 0
	finish
	silent deadlock
	[ "$(misuses | uniq)" = unsafe-call-in-signal-handler ] # they mustn't, and are told
}

@test "a handler that forks in the middle of a lock call: both go on" {
	start mutex handler-forks
	until_true some live ".wait_call == $(num CALL_mutex_lock)" 1
	finish
	silent misuse
}

@test "more locks than there are places" {
	start mutex many
	some live '.nheld > 0' 0
	finish
	silent misuse order
}
