#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A trace per process, none damaged: forks of all kinds, vfork's child on our tables, exec, every way to end.
load wrap.sh

setup_file() {
	wrap_setup_file
	mkdir "$BIN/plugins"
	printf '#include <pthread.h>\nstatic void *run(void *a) { return a; }\npthread_t plugin_start(void) { pthread_t t; pthread_create(&t, 0, run, 0); return t; }\n' |
		gcc -x c -shared -fPIC -pthread -o "$BIN/plugins/libprocess_plugin.so" -
	gcc -O1 -g -std=gnu17 -D_GNU_SOURCE -pthread -Wall -Wextra -Wno-unused-result -Wl,-rpath,"\$ORIGIN/plugins" -o "$BIN/process" \
		"$BATS_TEST_DIRNAME/process.c"
}
setup() { wrap_setup; }
teardown() { wrap_teardown; }

# Each line that begins with { is JSON, the first one says who it is; each state is one.
undamaged() {
	local f
	for f in "$T"/trace/*.jsonl; do
		grep -a '^{' "$f" | jq -es '(.[0].ev == "process") and ([.[].n] | length == (unique | length))' >/dev/null || { echo "$f"; return 1; }
		if grep -av '^{' "$f" | tr -d '\n\0' | grep -q .; then return 1; fi
	done
	for f in "$T"/trace/*.state; do
		[ "$(head -c 8 "$f")" = PFPFTST1 ] || { echo "$f"; return 1; }
	done
}
traces() { find "$T/trace" -name "$name-*.jsonl" | wc -l; }
ended() { lines end | jq -r '"\(.how) \(.status)"' | sort; }
of_pid() { echo "$T/trace/$name-$1-"*.state; }

@test "forks while other threads are in the middle of everything" {
	whole process fork-busy
	[ "$(traces)" -eq 41 ]
	undamaged
	[ "$(lines fork | jq -r .how | sort | uniq -c | tr -s ' ')" = " 40 fork" ]
	silent deadlock
	silent tool_error
}

@test "fork with handlers, from a child, and unannounced" {
	name=process
	run -6 whole process fork-forms
	[ "$(traces)" -eq 4 ]
	undamaged
	diff <(ended) <(printf 'exit %s\n' 3 4 5 6)
	# Each child names the trace it comes from; three of four are children.
	[ "$(lines process | jq -r .parent_image | grep -c "/$name-")" -eq 3 ]
}

@test "a child has its own counts: what its parent had open is not its leak" {
	whole process fork-inherits
	child=$(lines fork | jq .child)
	"$BIN/state_rows" "$(of_pid "$child")" fd >"$T/fds"
	inherited=$(num FF_INHERITED)
	[ "$(jq -s "map(select(.open == 1 and .site > 0)) | length" "$T/fds")" -eq 1 ]
	[ "$(jq -s "map(select(.open == 1 and .num > 2 and .site == 0 and (.flags / $inherited | floor) % 2 == 1)) | length" "$T/fds")" -ge 2 ]
	for table in contend hold_io; do # what the parent waited for is told there
		"$BIN/state_rows" "$(find "$T/trace" -name "*.state" ! -name "process-$child-*")" $table | jq -es 'map(select(.obj > 0)) | length >= 1'
		"$BIN/state_rows" "$(of_pid "$child")" $table | jq -es 'map(select(.obj > 0)) | length == 0'
	done
	"$BIN/state_rows" "$(of_pid "$child")" site | jq -es "map(select(.kind == $(num SITE_thread) and .made > 0)) | length == 1"
}

@test "a child makes its parent's chains of stacks anew" {
	whole process fork-stacks
	undamaged
}

@test "vfork's child leaves no mark in the parent's tables" {
	start process vfork-child-works
	# What it closed and opened is as the parent has it; it holds nothing.
	[ "$(count fd '.num >= 90 and .num < 110')" -eq 0 ]
	diff <(rows fd | jq 'select(.open == 1) | .num' | sort -n) <(find "/proc/$started/fd" -type l -lname '[/ps]*' -printf '%f\n' | sort -n |
		while read -r n; do readlink "/proc/$started/fd/$n" | grep -q "$T/trace" || echo "$n"; done)
	some live '.nheld == 0 and .wait_fd == 0' 1
	finish
	[ "$(lines fork | jq -r .how | sort | uniq -c | tr -s ' ')" = " 50 vfork" ]
	[ "$(traces)" -eq 1 ]
	silent exec
	silent misuse
	undamaged
}

@test "vfork and exec, spawn, vfork by syscall()" {
	whole process vfork-execs
	diff <(lines fork | jq -r .how | sort) <(printf '%s\n' spawn vfork vfork)
	name=sh
	[ "$(traces)" -eq 2 ]
	undamaged
}

@test "clone with and without the parent's memory" {
	whole process clones
	[ "$(traces)" -eq 2 ]
	diff <(lines fork | jq -r .how | sort) <(printf '%s\n' clone vfork)
	undamaged
}

@test "each way to end, with its status" {
	whole process ends
	diff <(ended) <(printf '%s\n' 'abort 6' 'exit 0' 'exit 11' '_exit 12' '_exit 13' '_exit 14' | sort)
	[ "$(traces)" -eq 7 ] # SIGKILL's has no last line
	undamaged
}

@test "daemon() ends the parent and goes on in the child" {
	whole process daemon
	until_ended() { [ "$(ended | wc -l)" -eq 2 ]; }
	started=self until_true until_ended
	started=
	diff <(ended) <(printf '%s\n' '_exit 0' 'exit 15')
	undamaged
}

@test "a child that closes all descriptors is observed to its end" {
	whole process closes-all
	[ "$(traces)" -eq 2 ]
	[ "$(ended | tail -n 1)" = "exit 16" ]
	undamaged
	child=$(lines fork | jq .child)
	"$BIN/state_rows" "$(of_pid "$child")" thread | jq -es 'map(select(.parent > 0 and .ended == 0)) | length == 1'
}

@test "a plugin that only the RUNPATH reaches is found, and its code known" {
	name=process
	run -17 whole process plugin
	lines module | jq -r .path | grep -q plugins/libprocess_plugin.so
	# The innermost frame of the stack that the plugin's thread was born with lies in the plugin. Row 0 of the frames is unused.
	stack=$(rows site | jq "select(.kind == $(num SITE_thread) and .thread > 0) | .stack")
	first=$(rows stack | jq "select(.id == $stack) | .frames")
	pc=$(rows frame | jq -s ".[$first - 1].pc")
	[ "$pc" -gt 0 ]
	lines module | jq -es "map(select(.path | endswith(\"libprocess_plugin.so\"))) | any(.start <= $pc and $pc < .end)"
}
