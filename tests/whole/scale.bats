#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Days of uptime in small: what comes and goes without end leaves the tool as large as it was; what lives at once is all there; limits
# that are reached are said, and what lives afterwards is still known. SCALE=10 does ten times as much (scripts/soak).
load lib.sh

SCALE=${SCALE:-1}

setup_file() {
	whole_setup_file scale
	gcc -I"$BATS_TEST_DIRNAME/../../include" -O1 -o "$BIN/state_rows" "$BATS_TEST_DIRNAME/../tools/state_rows.c"
}
setup() { whole_setup; }
teardown() { whole_teardown; }

# Runs scale, observed; its growth in KiB and how many live in $grown and $alive.
scale() { # WHAT N [OPTION...]
	local what=$1 n=$2
	shift 2
	rm -rf "$T/tr"
	read -r grown alive < <(LD_PRELOAD=$LIB PITFALL_OPTIONS="keep=yes:output=$T/tr$(printf ':%s' "$@" | sed 's/:$//')" "$BIN/scale" $what $n)
	echo "$what $n: grown by $grown KiB, $alive alive, state $(stat -c %s "$T"/tr/*.state)"
	whole_lines "$T/tr"
}
rows() { "$BIN/state_rows" "$T"/tr/*.state $1; }
kib() { echo $(($(stat -c %s "$T"/tr/*.state) / 1024)); }
# Nothing was dropped, but from tables $1 (a regular expression).
dropped_only() { ! grep -h '"ev":"dropped"' "$T"/tr/*.jsonl | grep -vE "\"what\":\"($1)\""; }

@test "threads, one after another" {
	scale thread $((20000 * SCALE))
	[ "$grown" -le 512 ] && [ "$(kib)" -le 1024 ]
	[ "$(rows thread | wc -l)" -eq 1 ]
	[ "$(rows header | jq .threads_made)" -eq $((20000 * SCALE + 1)) ]
	dropped_only none
}

@test "mutexes, one after another" {
	scale mutex $((100000 * SCALE))
	[ "$grown" -le 512 ] && [ "$(kib)" -le 1024 ]
	[ "$(rows sync | jq -s 'map(select(.died == 0)) | length')" -le 2 ]
	dropped_only none
}

@test "descriptors, one after another" {
	scale descriptor $((100000 * SCALE))
	[ "$grown" -le 512 ] && [ "$(kib)" -le 1024 ]
	dropped_only none
}

@test "timers, one after another" {
	scale timer $((20000 * SCALE))
	[ "$grown" -le 512 ] && [ "$(kib)" -le 1024 ]
	[ "$(rows header | jq .timers_live)" -eq 0 ]
	dropped_only none
}

@test "threads and the pipes they read from, one after another" {
	scale role $((20000 * SCALE))
	[ "$grown" -le 1024 ] && [ "$(kib)" -le 2048 ]
	[ "$(rows role | wc -l)" -le 8192 ]
	dropped_only none # what was given up was of descriptors that are closed
}

@test "more distinct stacks than are kept" {
	scale stack 70000
	[ "$(rows stack | wc -l)" -le 65536 ]
	[ "$(kib)" -le $((64 * 1024)) ]
	grep -h '"ev":"dropped"' "$T"/tr/*.jsonl | jq -se 'any(.[]; .what == "stack" and .count > 0)'
}

@test "a thousand threads at once" {
	scale alive-threads 1000
	[ "$alive" -eq 1000 ]
	[ "$(rows thread | wc -l)" -eq 1 ] # all were joined
	[ "$(rows header | jq .threads_made)" -eq 1001 ]
	dropped_only none
}

@test "100,000 mutexes alive" {
	scale alive-mutexes 100000
	[ "$(kib)" -le $((32 * 1024)) ]
	[ "$("$BIN/state_rows" "$T"/tr/*.state site | jq -s 'map(.peak) | max')" -ge 100000 ]
	dropped_only none
}

@test "as many descriptors as the limit allows" {
	scale alive-descriptors 50000
	[ "$(rows fd | jq -s 'map(select(.open == 1)) | length')" -ge "$alive" ]
	dropped_only none
}

@test "max_memory is reached: said, and what comes later is known" {
	scale alive-mutexes 100000 max_memory=1
	[ "$(kib)" -le 1024 ]
	grep -h '"ev":"dropped"' "$T"/tr/*.jsonl | jq -se 'any(.[]; .what == "sync" and .count > 90000)'
	scale alive-threads 1000 max_memory=1
	[ "$(kib)" -le 1024 ]
	grep -h '"ev":"dropped"' "$T"/tr/*.jsonl | jq -se 'any(.[]; .count > 0)'
	[ "$(rows header | jq .threads_live)" -eq 1 ]
	scale stack 70000 max_memory=1
	[ "$(kib)" -le 1024 ]
	scale alive-late 70000 max_memory=1
	[ "$(rows header | jq .timers_live)" -eq 10 ] && [ "$(rows timer | wc -l)" -eq 10 ]
	[ "$(rows role | wc -l)" -ge 20 ]
	[ "$(rows fd | jq -s 'map(select(.open == 1 and .kind > 0 and .peer >= 0)) | length')" -eq 20 ]
}

@test "max_trace is reached: said, the end is there, and no byte too many" {
	scale failed-exec 50000 max_trace=1
	[ "$(stat -c %s "$T"/tr/*.jsonl)" -le $((1 << 20)) ]
	grep -h '"ev":"dropped"' "$T"/tr/*.jsonl | jq -se 'any(.[]; .what == "lines" and .count > 10000)'
	[ "$(grep -c '"ev":"end"' "$T"/tr/*.jsonl)" -eq 1 ]
	[ "$(grep -c '"ev":"exec"' "$T"/tr/*.jsonl)" -ge 2000 ] # lines as long as they are, not as long as they might be
	scale failed-exec 50000
	[ "$(grep -c '"ev":"exec"' "$T"/tr/*.jsonl)" -eq 100000 ] # tried, and failed
	dropped_only none
}
