#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Descriptors, as the state of a live process tells them, against what the kernel says; and what is a fault on them.

bats_require_minimum_version 1.5.0

setup_file() {
	export BIN=$BATS_FILE_TMPDIR
	local root=$BATS_TEST_DIRNAME/../.. pitfall
	pitfall=${PITFALL:-$root/build/bin/pitfall}
	LIB=${LIBPITFALL:-$(dirname "$pitfall")/../lib/libpitfall.so}
	LIB=$(realpath "$LIB")
	export LIB
	unset PITFALL_OPTIONS LD_PRELOAD
	gcc -O1 -g -D_GNU_SOURCE -pthread -Wall -Wextra -o "$BIN/fd" "$BATS_TEST_DIRNAME/fd.c" -Wno-unused-result
	gcc -O2 -D_FORTIFY_SOURCE=2 -D_FILE_OFFSET_BITS=64 -g -D_GNU_SOURCE -pthread -o "$BIN/fd_fortified" "$BATS_TEST_DIRNAME/fd.c" -Wno-unused-result
	gcc -std=gnu17 -I"$root/include" -o "$BIN/state_rows" "$BATS_TEST_DIRNAME/../tools/state_rows.c"
}

setup() {
	T=$BATS_TEST_TMPDIR
	started=
	mkfifo "$T/go"
}
teardown() {
	[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || true
}

# Runs a program until it is ready; its state is then in $T/trace.
start() { # PROGRAM ARG...
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/$1" "${@:2}" <"$T/go" >"$T/out" 2>"$T/err" 3>&- 4>&- &
	started=$!
	exec 9>"$T/go"
	for _ in $(seq 500); do
		grep -q ^ready "$T/out" && return 0
		[ -d "/proc/$started" ] || break
		sleep 0.02
	done
	cat "$T/out" "$T/err"
	return 1
}
finish() {
	local rc=0
	echo >&9
	exec 9>&-
	wait "$started" || rc=$?
	started=
	cat "$T/err"
	return $rc
}
rows() { "$BIN/state_rows" "$T"/trace/fd*-"$started"-*.state "$1"; }
lines() { grep -ah "^{\"ev\":\"$1\"" "$T"/trace/fd*.jsonl || true; }

# Kinds are told by number in the schema: their names in order.
kind_names() {
	sed -n '/define TRACE_FD_KINDS/,/received/p' "$BATS_TEST_DIRNAME/../../include/trace_schema.h" | grep -o 'K([a-z]*)' | sed '1{/K(K)/d}; s/K(//; s/)//'
}

same_as_proc() {
	start "$1" table
	# Open by the kernel, without the tool's own.
	for n in /proc/"$started"/fd/*; do
		case $(readlink "$n") in *"$T"/trace/*) ;; *) basename "$n" ;; esac
	done | sort -n >"$T/kernel"
	rows fd | jq -r 'select(.open == 1) | .num' | sort -n >"$T/table"
	diff "$T/kernel" "$T/table"
	[ "$(wc -l <"$T/table")" -ge $(($(grep -c "^[0-9]" "$T/out") + 3)) ]
	[ "$(rows header | jq .fds_open)" -eq "$(wc -l <"$T/table")" ]
	# Of the right kinds.
	mapfile -t names < <(kind_names)
	rows fd | jq -r 'select(.open == 1) | "\(.num) \(.kind)"' | while read -r num kind; do echo "$num ${names[$kind]}"; done | sort >"$T/kinds"
	grep -v ready "$T/out" | sort | comm -23 - "$T/kinds" >"$T/wrong"
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
	finish
}

@test "the table is what the kernel says" { same_as_proc fd; }
@test "the table of a fortified program with large files" { same_as_proc fd_fortified; }

@test "ends of pipes know each other; what is passed and received is marked" {
	start fd table
	rows fd | jq -se '[.[] | select(.kind == 3 and .open == 1 and .peer >= 0)] as $p | ($p | length) >= 2'
	rows fd | jq -se '[.[] | select(.flags / 512 % 2 >= 1)] | length == 1'
	rows fd | jq -se '[.[] | select(.num == 61)] | .[0].flags / 4 % 2 >= 1'
	finish
}

@test "what each thread is blocked in, on which descriptor" {
	local i
	start fd waits
	grep -v ready "$T/out" | sort >"$T/expected"
	for i in $(seq 200); do
		"$BIN/state_rows" "$T"/trace/fd*.state live | jq -r 'select(.wait_call > 0) | "\(.wait_call) \(.wait_fd) \(.wait_flags)"' >"$T/live"
		[ "$(wc -l <"$T/live")" -ge 9 ] && break
		sleep 0.02
	done
	sed -n '/define TRACE_CALLS(C)/,/^$/p' "$BATS_TEST_DIRNAME/../../include/trace_schema.h" | grep -o 'C([a-z_0-9]*, [A-Z]*)' | sed 's/C(//; s/,.*//' >"$T/calls"
	mapfile -t calls <"$T/calls"
	while read -r call fd flags; do echo "${calls[$call]} $fd"; done <"$T/live" | sort | comm -13 - "$T/expected" >"$T/wrong"
	cat "$T/live" "$T/wrong"
	[ ! -s "$T/wrong" ]
	# Only the poll with a time limit is said to end by itself.
	[ "$(awk '$3 % 2 == 1' "$T/live" | wc -l)" -eq 1 ]
	finish
}

@test "EMFILE is told once a place, counted after that" {
	start fd exhausted
	[ "$(lines exhausted | jq -s 'length')" -eq 4 ]
	lines exhausted | jq -se 'all(.what == "fd" and .err == "EMFILE" and .limit == 64 and .live <= 70 and .live > 55 and .stack > 0)'
	rows header | jq -e '.nofile == 64 and .fds_peak <= 70'
	rows site | jq -se '[.[] | select(.failed > 0) | .failed] | add == 53 and max == 50'
	finish
}

@test "a call on what was closed, with the place of its closing" {
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/fd" misuse
	lines misuse >"$T/lines"
	cat "$T/lines"
	jq -se 'length == 3 and all(.kind == "bad-descriptor" and .err == "EBADF" and .stack > 0 and .other_stack > 0 and .stack != .other_stack)' "$T/lines"
}

@test "sweeps, probes and wrong directions are no fault" {
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/fd" no_misuse
	[ -e "$T"/trace/fd-*.jsonl ]
	lines misuse | jq -se 'length == 1 and all(.detail == "negative" and .fd == -1 and .call == "close")' # a note
}

@test "the tool's own descriptors are not there for the program, and survive it" {
	start fd ours
	[ "$(lines misuse | wc -l)" -ge 1 ]
	rows fd | jq -se 'length > 0'
	finish
	[ "$(lines end | wc -l)" -eq 1 ]
}

@test "results and errno are those without us" {
	"$BIN/fd" errnos >"$T/alone"
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/fd" errnos >"$T/with"
	[ "$(wc -l <"$T/alone")" -gt 35 ]
	diff "$T/alone" "$T/with"
	"$BIN/fd_fortified" errnos >"$T/alone"
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/fd_fortified" errnos >"$T/with"
	diff "$T/alone" "$T/with"
}

@test "blocked calls can be cancelled" {
	[ "$(PITFALL_OPTIONS=output=$T/trace LD_PRELOAD=$LIB timeout 60 "$BIN/fd" cancelled)" = "8 of 8 cleaned" ]
}

@test "handlers that open and close amid the same" {
	start fd storm
	for n in /proc/"$started"/fd/*; do
		case $(readlink "$n") in *"$T"/trace/*) ;; *) basename "$n" ;; esac
	done | sort -n >"$T/kernel"
	rows fd | jq -r 'select(.open == 1) | .num' | sort -n | diff "$T/kernel" -
	[ "$(rows header | jq .fds_open)" -eq "$(wc -l <"$T/kernel")" ]
	[ "$(lines misuse | wc -l)" -eq 0 ]
	finish
}

@test "all of it without us" {
	for w in exhausted misuse no_misuse; do echo | "$BIN/fd" $w; done
}
