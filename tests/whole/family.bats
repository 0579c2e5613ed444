#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Processes that make processes: each has a trace of its own, and none is damaged.
load lib.sh

setup_file() { whole_setup_file family; }
setup() { whole_setup; }
teardown() { whole_teardown; }

# Alone it works, and observed in both modes likewise; every process that told its pid is in the report, observed.
family() { # KIND
	local mode rc
	"$BIN/family" "$1" 3>"$T/alone.pids" >"$T/alone" 2>&1
	for mode in audit diagnose; do
		rm -rf "$T/trace"
		rc=0
		if [ $mode = audit ]; then
			PITFALL_OPTIONS=mode=audit:keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/family" "$1" 3>"$T/pids" >"$T/stdout" 2>"$T/err" || rc=$?
		else
			"$PITFALL" run -o "$T/trace" --report "$T/run.json" -- "$BIN/family" "$1" 3>"$T/pids" >"$T/stdout" 2>"$T/err" || rc=$?
		fi
		cat "$T/err"
		[ $rc -eq 0 ]
		[ "$(wc -l <"$T/pids")" -eq "$(wc -l <"$T/alone.pids")" ]
		[ "$(wc -l <"$T/stdout")" -eq "$(wc -l <"$T/alone")" ]
		[ ! -s "$T/err" ]
		check_family "$1"
	done
}

check_family() { # KIND
	whole_lines "$T/trace"
	"$PITFALL" report -f json -o "$T/report.json" "$T/trace"
	cat "$T/pids" "$T/stdout" | sed -n 's/^pid //p' | sort -u | jq -s . >"$T/pids.json"
	jq -e --slurpfile told "$T/pids.json" '
		($told[0] - [.processes[] | select(.coverage.observed and .coverage.dropped_events == 0).pid]) == []' "$T/report.json" || {
		echo "told:" $(cat "$T/pids")
		jq -c '.processes[] | [.pid, .ppid, .program, .ended, .coverage]' "$T/report.json"
		return 1
	}
	# daemon()'s first process ends inside libc, where nobody sees how
	jq -e --arg daemon "$1" 'all(.processes[]; .ended == "exit" or .ended == "exec" or $daemon == "daemon") and .summary.errors == 0' "$T/report.json" || {
		jq -c '(.processes[] | [.pid, .program, .ended]), .diagnoses[].title' "$T/report.json"
		return 1
	}
}

@test "a server that forks while its threads work" { family server; }
@test "a chain of execs, each after one that fails" {
	family chain
	# one entry for each image
	jq -e '[.processes[] | select(.program | endswith("/family"))] | length == 4' "$T/report.json"
	jq -e '[.processes[] | select(.ended == "exec")] | length == 3' "$T/report.json"
}
@test "daemon()" { family daemon; }
@test "system()" { family system; }
@test "posix_spawn" { family spawn; }
@test "a child that calls closefrom(3)" { family closefrom; }
