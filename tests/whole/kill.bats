#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# SIGKILL in the middle of a busy run: what the program had done by then is in the trace, all of it.
load lib.sh

setup_file() { whole_setup_file busy; }
setup() {
	whole_setup
	mkfifo "$T/steps"
	exec 7<>"$T/steps"
}
teardown() {
	exec 7>&-
	whole_teardown
}

# Waits until step $1 has been told.
reach() {
	head -c $((8 * $1)) <&7 >/dev/null
}

# $done steps were told, all told: what was still in the pipe, too.
count_told() { # REACHED
	exec 8<"$T/steps"
	exec 7>&-
	done=$(($1 + $(wc -c <&8) / 8))
	exec 8<&-
	echo "# $done steps told"
	[ "$done" -ge "$1" ] && [ "$done" -lt 900 ]
}

# The trace has every step: counted by the lines and the row of their place, and a row for each file left open.
check_trace() { # STEPS
	whole_lines "$T/trace" 3
	lines=$(grep -ah '^{.*}$' "$T"/trace/*.jsonl | jq -c 'select(.ev == "misuse")' | wc -l)
	echo "# $lines lines of misuse"
	[ "$lines" -ge 16 ]
	"$PITFALL" report -f json -o "$T/report.json" "$T/trace"
	jq -e '.processes | length == 1 and .[0].ended == "killed" and .[0].coverage.dropped_events == 0' "$T/report.json"
	jq -e --argjson n "$1" '[.diagnoses[] | select(.rule == "relock").count] | add >= $n' "$T/report.json"
	"$PITFALL" dump -f json "$T"/trace/*.state >"$T/dump.json"
	jq -e --argjson n "$1" '.counts.descriptors.now >= $n' "$T/dump.json" || {
		jq -c .counts "$T/dump.json"
		return 1
	}
}

@test "kill -9 of a process with a bare LD_PRELOAD" {
	PITFALL_OPTIONS=output=$T/trace LD_PRELOAD=$LIB "$BIN/busy" >"$T/steps" 2>"$T/err" 3>&- 7>&- &
	pid=$!
	started=$pid
	reach 200
	kill -KILL "$pid"
	wait "$pid" || true
	count_told 200
	check_trace "$done"
}

@test "kill -9 of a program under pitfall run: the report comes" {
	"$PITFALL" run -o "$T/trace" --report "$T/run.json" -- "$BIN/busy" >"$T/steps" 2>"$T/err" 3>&- 7>&- &
	run=$!
	started=$run
	reach 200
	pid=$(cat /proc/$run/task/$run/children)
	started="$started $pid"
	kill -KILL $pid
	rc=0
	wait "$run" || rc=$?
	[ "$rc" -eq 137 ]
	count_told 200
	jq -e --argjson n "$done" '[.diagnoses[] | select(.rule == "relock").count] | add >= $n' "$T/run.json"
	check_trace "$done"
}
