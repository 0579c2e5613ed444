#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Threads: births, joins and ends as without us, in the books as they were; small stacks; many of them.
load wrap.sh

setup_file() { wrap_setup_file thread.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

ended_with() { # STATUS SCENE
	local rc=0
	whole thread "$2" || rc=$?
	[ "$rc" -eq "$1" ]
	lines end | jq -e ".status == $1 and .how == \"exit\""
	[ "$(lines end | wc -l)" -eq 1 ]
}

@test "joins: results, errno; of itself and of a detached one is told" {
	whole thread joins
	[ "$(misuses | uniq)" = "join-detached
join-self" ]
	silent deadlock
	# who was joined or detached and has ended leaves no row (the last detached one may still be on its way out)
	some thread "(.flags / $(num TF_MAIN) | floor) % 2 == 0 and .ended != 0" 0
}

@test "names" {
	start thread names
	some thread '.name == "worker-fifteen!"' 1
	finish
}

@test "stacks of 16 KiB and up, its own with a guard below, a handler's of 8 KiB" {
	whole thread stacks
	silent misuse tool_error
}

@test "destructors that lock, pthread_exit, cancellation of any kind" {
	whole thread ends
	silent misuse deadlock
	some live 'true' 1
}

@test "main ends by pthread_exit, another thread joins it and ends the process" {
	ended_with 5 main-exits
	silent misuse
}

@test "exit while others run" {
	ended_with 6 exit
}

@test "ten thousand in sequence take no more room than one" {
	start thread sequence
	some live 'true' 1
	[ "$(rows thread | jq -s 'map(.row) | max')" -lt 8 ]
	[ "$(rows live | jq -s 'map(.row) | max')" -lt 8 ]
	[ "$(stat -c %s "$T"/trace/thread-*.state)" -lt 1000000 ]
	finish
}

@test "a thousand at once: each with its own row, stack and wait" {
	start thread at-once
	until_true some live ".wait_call == $(num CALL_barrier_wait) and .wait_obj > 0" 1000
	[ "$(rows thread | jq -s 'map(.serial) | unique | length')" -eq 1001 ]
	[ "$(rows live | jq -s 'map(.tid) | unique | length')" -eq 1001 ]
	finish
	some live 'true' 1
}
