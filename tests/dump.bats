#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `pitfall dump` and `pitfall snapshot`: a process seen from outside, right whatever state it is in.
# The scene (programs/run/scene.c) says when its locks are held; that the waits have begun is asked of dump itself, until
# it is so: a wrong answer never becomes right by waiting, a right one stays.

bats_require_minimum_version 1.5.0

setup_file() {
	export PITFALL=${PITFALL:-$BATS_TEST_DIRNAME/../build/bin/pitfall}
	export BIN=$BATS_FILE_TMPDIR
	gcc -g -O1 -Wall -Wextra -Werror -pthread -o "$BIN/scene" "$BATS_TEST_DIRNAME/programs/run/scene.c" || return 1
	unset PITFALL_OPTIONS LD_PRELOAD
	[ -x "$PITFALL" ]
}

setup() {
	T=$BATS_TEST_TMPDIR
	mkfifo "$T/in" "$T/out"
	exec 7<>"$T/out" 8<>"$T/in"
}

teardown() {
	exec 7>&- 8>&-
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
	[ -z "$run" ] || wait "$run" || true
}

# The scene $1 under `pitfall run`, its trace in $T/trace; $pid is the program, $run the command.
start_scene() {
	"$PITFALL" run -o "$T/trace" --report "$T/report.json" "${@:2}" -- "$BIN/scene" "$1" \
		<"$T/in" >"$T/out" 2>"$T/err" 3>&- 7>&- 8>&- &
	run=$!
	read -r -t 20 word pid ppid <&7
	[ "$word" = ready ]
}

dump_json() {
	"$PITFALL" dump -f json "$1" >"$T/dump.json"
}

# Until the query $2 is true of a dump of $1, 10 s at most.
dump_until() {
	local end=$((SECONDS + 10))
	while [ $SECONDS -lt $end ]; do
		dump_json "$1" && jq -e "$2" "$T/dump.json" >/dev/null && return 0
	done
	jq . "$T/dump.json"
	return 1
}

all_wait='[.threads[] | select(.name | IN("holder", "waiter", "sleeper", "poster", "joiner", "reader", "writer")) | .waits]
	| length == 7 and all(. != null)'

# What is true of the scene "wait" whatever the process's state, in $T/dump.json.
check_scene() {
	jq -e '
		def thread(n): first(.threads[] | select(.name == n));
		(thread("holder").serial) as $holder
		| (thread("reader").serial) as $reader
		| (thread("holder").waits | .call == "read" and .fd.number >= 0)
		and (thread("holder").holds | length == 1 and .[0].object.kind == "mutex"
			and .[0].stack[0].function == "holder")
		and (thread("waiter").waits | .call == "mutex_lock" and .held_by == [$holder]
			and .stack[0].function == "waiter" and .object.kind == "mutex")
		and (thread("waiter").waits.object.address == thread("holder").holds[0].object.address)
		and (thread("waiter").holds == [])
		and (thread("sleeper").waits | .call == "cond_wait" and .object.kind == "cond")
		and (thread("sleeper").holds == [])
		and (thread("poster").waits | .call == "sem_wait" and .object.kind == "sem")
		and (thread("joiner").waits | .call == "join" and .thread == $holder and .held_by == [$holder])
		and (thread("writer").waits | .call == "rwlock_wrlock" and .held_by == [$reader])
		and (thread("reader").holds | length == 1 and .[0].mode == "read")
		and .ring == []' "$T/dump.json" || { jq . "$T/dump.json"; return 1; }
}

@test "dump of a running process" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	check_scene
	jq -e '.alive and (.counts.threads.now == 8) and .counts.descriptors.now >= 5
		and .counts.descriptors.limit == '"$(ulimit -Sn)" "$T/dump.json"
	jq -e 'first(.threads[] | select(.name == "holder")).syscall | .name == "read" and .fd.number >= 0' "$T/dump.json"
	jq -e '[.threads[] | select(.waits.fd.target // "" | startswith("pipe:"))] | length >= 2' "$T/dump.json"
}

@test "dump as text names holders, waits and places" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	"$PITFALL" dump "$pid" >"$T/text"
	cat "$T/text"
	grep -Eq '^thread [0-9]+ "waiter" \(tid [0-9]+\): waits in mutex_lock for mutex' "$T/text"
	grep -Eq 'which is held by thread [0-9]+ "holder"' "$T/text"
	grep -Eq '"holder" .*: waits in read on descriptor [0-9]+ \(pipe:\[[0-9]+\]\)' "$T/text"
	grep -q 'scene.c:' "$T/text"
	grep -Eq '^descriptors: [0-9]+.*limit [0-9]+' "$T/text"
	if grep -q deadlock "$T/text"; then return 1; fi
}

@test "dump of a stopped process" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	kill -STOP "$pid"
	dump_until "$pid" '[.threads[].state] | all(. == "T")'
	check_scene
	kill -CONT "$pid"
}

@test "dump of a process that blocks every signal" {
	start_scene masked
	dump_until "$pid" "$all_wait"
	check_scene
}

@test "dump of a deadlock: the ring, by both threads" {
	start_scene deadlock
	dump_until "$pid" '.ring | length == 2'
	jq -e '
		def thread(n): first(.threads[] | select(.name == n));
		(.ring | sort) == ([thread("left").serial, thread("right").serial] | sort)
		and thread("left").waits.held_by == [thread("right").serial]
		and thread("right").waits.held_by == [thread("left").serial]
		and thread("left").holds[0].stack[0].function == "left"
		and thread("right").waits.stack[0].function == "right"' "$T/dump.json"
	"$PITFALL" dump "$pid" | grep -q 'deadlock: a ring of 2 threads'
}

@test "dump of what SIGKILL left" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	kill -KILL "$pid"
	wait "$run" || [ $? -eq 137 ]
	run=
	dump_json "$T/trace"
	check_scene
	jq -e '.alive == false and .process.ended == "killed"' "$T/dump.json"
	"$PITFALL" dump "$T/trace" | grep -q 'killed'
}

@test "dump of a trace whose process lives is one of the process" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	dump_json "$T/trace"
	check_scene
	jq -e .alive "$T/dump.json"
}

@test "dump sends no signal: a read is not interrupted, no tracer is seen" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	before=$(grep -h ctxt_switches "/proc/$pid"/task/*/status)
	"$PITFALL" dump "$pid" >/dev/null
	"$PITFALL" dump "$pid" >/dev/null
	[ "$before" = "$(grep -h ctxt_switches "/proc/$pid"/task/*/status)" ] # nobody woke
}

@test "dump of a process that is not observed: its stacks, by attaching" {
	"$BIN/scene" deadlock <"$T/in" >"$T/out" 3>&- 7>&- 8>&- &
	read -r -t 20 word pid ppid <&7
	"$PITFALL" dump "$pid" >"$T/text" 2>"$T/err" || { grep -q 'cannot be read' "$T/err" && skip "ptrace is not permitted here"; }
	cat "$T/text" "$T/err"
	grep -q 'not observed' "$T/err"
	grep -q 'attached' "$T/err"
	grep -Eq '^ +left +.*scene.c:[0-9]+' "$T/text"
	grep -Eq '^ +right +.*scene.c:[0-9]+' "$T/text"
	if grep -q '^State:.[tT]' "/proc/$pid/status"; then return 1; fi # and it goes on
}

# A trace written by hand: left and right, of whom $1 is the call left waits in and $2 the flags of that wait.
hand_trace() {
	mkdir -p "$T/hand"
	cat >"$T/hand/x.jsonl" <<-J
		{"ev":"process","n":1,"th":1,"t":1000,"v":2,"pid":99999,"ppid":1,"exe":"/bin/app","comm":"app","host":"h","boot_id":"b","real":5,"mode":"audit","nofile":1024,"sigpending":100}
		{"ev":"thread","serial":1,"tid":100,"name":"left"}
		{"ev":"thread","serial":2,"tid":101,"name":"right","parent":1}
		{"ev":"sync","serial":1,"kind":2,"addr":4096}
		{"ev":"sync","serial":2,"kind":1,"addr":8192}
		{"ev":"live","thread":1,"tid":100,"wait_call":$1,"wait_flags":$2,"wait_fd":-1,"wait_obj":1,"wait_addr":4096,"wait_since":3000000000}
		{"ev":"held","thread":1,"addr":8192,"mode":1,"count":1}
		{"ev":"live","thread":2,"tid":101,"wait_call":1,"wait_fd":-1,"wait_obj":2,"wait_addr":8192,"wait_since":3500000000}
		{"ev":"held","thread":2,"addr":4096,"mode":2,"count":1}
		{"ev":"fork","n":2,"th":1,"t":4000000000,"child":5,"how":"fork","stack":0}
	J
	"$PITFALL" dump -f json "$T/hand" >"$T/dump.json"
}

@test "a ring is one only if every wait in it can end in no other way" {
	hand_trace 3 0 # rwlock_wrlock against a reader
	jq -e '.ring | sort == [1, 2]' "$T/dump.json"
	jq -e '.threads[0].waits.seconds == 1 and .threads[0].holds[0].object.id == 2 and (.alive | not)' "$T/dump.json"
	hand_trace 3 1 # with a timeout
	jq -e '.ring == []' "$T/dump.json"
	hand_trace 2 0 # rwlock_rdlock against a reader: no writer waits
	jq -e '.ring == []' "$T/dump.json"
}

@test "dump of a core: its stacks" {
	case $(cat /proc/sys/kernel/core_pattern) in /* | \|* | */*) skip "cores do not go to the working directory here" ;; esac
	ulimit -c unlimited 2>/dev/null || skip "no cores allowed here"
	cd "$T"
	"$BIN/scene" deadlock <"$T/in" >"$T/out" 3>&- 7>&- 8>&- &
	read -r -t 20 word pid ppid <&7
	kill -ABRT "$pid"
	wait "$pid" || [ $? -eq 134 ]
	pid=
	"$PITFALL" dump ./core* >"$T/text"
	cat "$T/text"
	grep -Eq '^ +left +.*scene.c:[0-9]+' "$T/text"
	"$PITFALL" dump -f json ./core* | jq -e '[.threads[].stack[].function] | contains(["left", "right"])'
	head -c 5000 ./core* >"$T/cut"
	run "$PITFALL" dump "$T/cut"
	[ "$status" -eq 125 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "dump of nothing: one line, 125" {
	for what in 4194304 "$T/none" /dev/null "$BIN/scene"; do
		run "$PITFALL" dump "$what"
		echo "$what: $output"
		[ "$status" -eq 125 ]
		[ "${#lines[@]}" -ge 1 ]
	done
	run "$PITFALL" dump
	[ "$status" -eq 125 ]
	run "$PITFALL" dump -f nosuch 1
	[ "$status" -eq 125 ]
}

@test "snapshot of a process at work: it answers, and goes on" {
	start_scene busy
	"$PITFALL" snapshot -f json "$pid" >"$T/snap.json" 2>"$T/snap.err"
	cat "$T/snap.err"
	[ ! -s "$T/snap.err" ]
	jq -e '.schema == "pitfall-report/1" and .processes[0].pid == '"$pid"' and .processes[0].ended == "running"' "$T/snap.json"
	grep -q '"ev":"snapshot"' "$T/trace"/*.jsonl
	kill -0 "$pid"
}

@test "snapshot of a stopped process says that it could not be asked, and reports" {
	start_scene wait
	dump_until "$pid" "$all_wait"
	kill -STOP "$pid"
	"$PITFALL" snapshot -o "$T/snap.json" "$pid" 2>"$T/snap.err"
	grep -q 'it is stopped' "$T/snap.err"
	jq -e '.processes[0].ended == "running"' "$T/snap.json"
	kill -CONT "$pid"
}

@test "snapshot of a process that is not observed: one line, 125" {
	sleep 1000 3>&- 7>&- 8>&- &
	pid=$!
	run "$PITFALL" snapshot "$pid"
	[ "$status" -eq 125 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *'not observed'* ]]
}
