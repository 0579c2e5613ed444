#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# memcached, two workers, under the benchmark's loader.
load lib.sh

setup_file() {
	real_setup_file memcached
	export LOADER=$BATS_FILE_TMPDIR/mcload
	gcc -O2 -pthread -o "$LOADER" "$BATS_TEST_DIRNAME/../bench/mcload.c"
}
setup() { real_setup; }
teardown() { real_teardown; }

ask() { # PORT LINE...: the answers
	local port=$1 line
	shift
	exec 5<>"/dev/tcp/127.0.0.1/$port" || return 1
	for line in "$@" quit; do
		printf '%s\r\n' "$line" >&5
	done
	cat <&5
	exec 5>&-
}

serve() { # MODE
	local port i
	port=$(free_port)
	UP="ask $port version"
	start_server "$1" memcached -l 127.0.0.1 -p "$port" -U 0 -t 2 -m 64 -u "$(id -un)"
	for i in $(seq "$SECONDS_OF_LOAD"); do
		"$LOADER" "$port" 2 8 16 1000 >"$T/load"
	done
	jq -e '.ops_per_s > 0' "$T/load"
	ask "$port" 'set k 7 0 5' hello 'get k' 'incr k 1' 'delete k' 'get k' 'bogus' >"$T/answers"
	same_as_native "$1" "$T/answers"
	stop_server
	same_as_native "$1" "$T/stdout"
	check_report "$1" memcached
}

@test "memcached alone" { serve native; }
@test "memcached, audit" { serve audit; }
@test "memcached, diagnose" { serve diagnose; }
