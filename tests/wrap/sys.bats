#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Waits for signals, raw calls, sandboxes that kill, dropped privileges, coroutines: seen where there is something to see, unharmed elsewhere.
load wrap.sh

setup_file() { wrap_setup_file sys.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

waiting() { some live ".wait_call == $(num "CALL_$1")" "$2"; } # CALL HOW MANY

@test "threads that wait for signals" {
	start sys signals
	until_true waiting sigwait 2
	until_true waiting sigsuspend 1
	until_true waiting pause 1
	some live ".wait_call == $(num CALL_sigwait) and .wait_flags == $(num WF_TIMED)" 1
	finish
	silent misuse
}

@test "waits for signals and children are cancelled as without us" {
	start sys cancellation
	# Of the threads, only main is left, in its read.
	"$BIN/state_rows" "$T/trace/sys-$started-"*.state live | jq -es 'length == 1 and .[0].wait_fd == 0'
	finish
	silent tool_error
}

@test "no handler of ours is visible" {
	whole sys handlers-seen
}

@test "futexes and descriptors by syscall()" {
	start sys raw
	until_true waiting futex 1
	until_true said blind
	lines blind | jq -es 'map(select(.what == "futex")) | length == 1'
	some fd ".num == 70 and .open == 1 and .kind == $(num FDK_dup)" 1
	some fd ".open == 1 and .kind == $(num FDK_eventfd) and .site > 0" 1
	some fd ".open == 1 and .kind == $(num FDK_pipe) and .site > 0" 1
	some fd ".open == 0 and .kind == $(num FDK_pipe)" 1
	finish
}

@test "a sandbox that kills for unusual calls, by prctl and by syscall" {
	for how in prctl syscall; do
		rm -rf "$T/trace"
		name=sys
		run -21 whole sys "sandbox-$how"
		lines blind | jq -es 'any(.what == "time lost to preemption")'
		# The tables went on growing, past what the file has room for.
		at=$(num "__builtin_offsetof(struct st_header, table[TABLE_sync].used)")
		[ "$(od -An -tu4 -j "$at" -N 4 "$T"/trace/sys-*.state)" -ge 2000 ]
		lines end | jq -e '.status == 21'
	done
}

@test "a sandbox that allows what the program calls and kills for all else" {
	name=sys
	run -22 whole sys sandbox-narrow
	lines end | jq -e '.status == 22'
}

@test "dropped privileges, another root, setgid among busy threads" {
	name=sys
	run -23 whole sys identity
	lines end | jq -es 'any(.status == 23)'
}

@test "coroutines: locks held over a switch, waits on foreign stacks" {
	start sys coroutines
	some live '.nheld == 0 and .wait_fd == 0' 1
	finish
	silent misuse
	silent deadlock
	silent tool_error
}
