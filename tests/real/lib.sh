# SPDX-License-Identifier: MIT
# Helpers of tests/real/*.bats: one program from the distribution, alone and observed in each mode.
# In audit mode it runs under a bare LD_PRELOAD, as a service would, and `pitfall report` reads its traces afterwards; in
# diagnose mode under `pitfall run`. Every mode's outcome must be the one of the program alone.
# REAL_SECONDS is how long a load lasts (2); scripts/soak makes it longer.

bats_require_minimum_version 1.5.0
SECONDS_OF_LOAD=${REAL_SECONDS:-2}

# In setup_file, with the programs the tests cannot do without. (bats 1.8 cannot skip there: setup does.)
real_setup_file() {
	local p
	PATH=$PATH:/usr/sbin:/sbin
	export PITFALL=${PITFALL:-$BATS_TEST_DIRNAME/../../build/bin/pitfall}
	unset PITFALL_OPTIONS LD_PRELOAD
	[ -x "$PITFALL" ] || return 1
	LIB=$(dirname "$PITFALL")/../lib/libpitfall.so
	[ -e "$LIB" ] || LIB=$(dirname "$PITFALL")/../lib/pitfall/libpitfall.so
	LIB=$(realpath "$LIB") || return 1
	export PATH LIB
	python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
socket.create_connection(s.getsockname(), 5)' 2>/dev/null || export REAL_SKIP="no loopback here"
	for p in "$@"; do
		command -v "$p" >/dev/null || export REAL_SKIP="not installed: $p"
	done
}

real_setup() {
	[ -z "$REAL_SKIP" ] || skip "$REAL_SKIP"
	T=$BATS_TEST_TMPDIR
	server=
	mkdir "$T/home"
	cd "$T/home" || return 1
}

# Ends what a failed test left: the server, and under diagnose `pitfall run`, which ends its program.
real_teardown() {
	local i
	[ -n "$server" ] || return 0
	kill -TERM "$server" 2>/dev/null || return 0
	for i in $(seq 100); do
		kill -0 "$server" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -KILL $(descendants "$server") 2>/dev/null || true
}

descendants() {
	local child
	echo "$1"
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		descendants "$child"
	done
}

# Becomes the program, in the mode: native, audit or diagnose.
in_mode() { # MODE PROGRAM ARG...
	local mode=$1
	shift
	case $mode in
	native) exec "$@" ;;
	audit) PITFALL_OPTIONS=mode=audit:keep=yes:output=$T/trace LD_PRELOAD=$LIB exec "$@" ;;
	diagnose) exec "$PITFALL" run --mode diagnose -o "$T/trace" --report "$T/report.json" -- "$@" ;;
	esac
}

# Runs a program to its end, with the file $input if one is named: $T/stdout, $T/stderr, its status in $status_of_it.
run_to_end() { # MODE PROGRAM ARG...
	status_of_it=0
	(in_mode "$@") >"$T/stdout" 2>"$T/stderr" <"${input:-/dev/null}" 3>&- || status_of_it=$?
	[ "$status_of_it" -eq "${expected_status:-0}" ] || {
		echo "$1: status $status_of_it"
		tail -n 20 "$T/stderr"
		return 1
	}
}

# Starts a server; $server is its pid (of `pitfall run` in diagnose mode). It is up when the command $UP succeeds.
start_server() { # MODE PROGRAM ARG...
	local end=$((SECONDS + 60))
	(in_mode "$@") >"$T/stdout" 2>"$T/stderr" </dev/null 3>&- &
	server=$!
	until eval "$UP" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ] || ! kill -0 "$server" 2>/dev/null; then
			echo "$2 did not come up"
			tail -n 20 "$T/stdout" "$T/stderr"
			return 1
		fi
		sleep 0.05
	done
}

# The server ends on SIGTERM, soon, with the status it ends with alone.
stop_server() {
	local end=$((SECONDS + 30))
	status_of_it=0
	kill -TERM "$server"
	while kill -0 "$server" 2>/dev/null && [ "$(stat_of "$server")" != Z ]; do
		[ $SECONDS -lt $end ] || {
			echo "still there 30 s after SIGTERM"
			return 1
		}
		sleep 0.05
	done
	wait "$server" || status_of_it=$?
	server=
	[ "$status_of_it" -eq "${expected_status:-0}" ] || {
		echo "status $status_of_it"
		tail -n 20 "$T/stderr"
		return 1
	}
}

stat_of() {
	sed 's/.*) \(.\) .*/\1/' "/proc/$1/stat" 2>/dev/null || echo Z
}

# A valid report, the program (behind symbolic links) observed and no event lost, nothing of severity error against anybody.
check_report() { # MODE PROGRAM
	[ "$1" != native ] || return 0
	[ "$1" = diagnose ] || "$PITFALL" report -f json -o "$T/report.json" "$T/trace" || return 1
	jq -e . "$T/report.json" >/dev/null || return 1
	jq -e --arg name "$(basename "$2")" --arg real "$(basename "$(realpath "$(command -v "$2")")")" --arg mode "$1" '
		.schema == "pitfall-report/1"
		and any(.processes[]; (.program | split("/")[-1] | IN($name, $real)) and .coverage.observed and .coverage.mode == $mode)
		and .summary.dropped_events == 0' "$T/report.json" >/dev/null || {
		echo "no whole observation of $2:"
		jq -c '.processes[], .summary' "$T/report.json"
		return 1
	}
	jq -e '[.diagnoses[] | select(.severity == "error")] == []' "$T/report.json" >/dev/null || {
		echo "false alarms:"
		jq '.diagnoses[] | select(.severity == "error") | {rule, title, what, evidence}' "$T/report.json"
		return 1
	}
}

# A port that the kernel had free a moment ago.
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# What $1 says in native mode is kept for the whole file; observed, $2 must be the same.
same_as_native() { # MODE FILE
	if [ "$1" = native ]; then
		cp "$2" "$BATS_FILE_TMPDIR/native.$(basename "$2")"
	else
		diff "$BATS_FILE_TMPDIR/native.$(basename "$2")" "$2"
	fi
}
