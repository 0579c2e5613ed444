#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# redis-server, with and without threads for its connections, under redis-benchmark.
load lib.sh

setup_file() { real_setup_file redis-server redis-benchmark redis-cli; }
setup() { real_setup; }
teardown() { real_teardown; }

serve() { # MODE ARG...
	local mode=$1 port rate=25000
	shift
	[ $# -eq 0 ] || rate=4000 # its threads spin: on two busy cores that is slow, with us and without
	port=$(free_port)
	UP="[ \"\$(redis-cli -p $port ping)\" = PONG ]"
	start_server "$mode" redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$T/home" "$@"
	redis-benchmark -p "$port" -q -n $((SECONDS_OF_LOAD * rate)) -c 20 -P 4 -t set,get,incr,lpush,hset,mset >"$T/load"
	if grep -i error "$T/load"; then return 1; fi
	# what it answers, and work for its background threads and for a forked child
	{
		redis-cli -p "$port" set a 1
		redis-cli -p "$port" append a 23
		redis-cli -p "$port" rpush list x y z
		redis-cli -p "$port" lrange list 0 -1
		redis-cli -p "$port" eval 'return redis.call("GET", KEYS[1])' 1 a
		redis-cli -p "$port" save
		redis-cli -p "$port" flushall async
		redis-cli -p "$port" dbsize
		redis-cli -p "$port" bgrewriteaof
	} >"$T/answers"
	same_as_native "$mode" "$T/answers"
	stop_server
	check_report "$mode" redis-server
	# what it says about itself, but for numbers and times
	sed 's/[0-9][0-9]*/N/g; s/^N:[A-Z] N [A-Z][a-z]* N N:N:N.N //' "$T/stdout" | grep -E 'Ready|SIGTERM|exiting|bye' | sort -u >"$T/said"
	same_as_native "$mode" "$T/said"
}

@test "redis-server alone" { serve native; }
@test "redis-server, audit" { serve audit; }
@test "redis-server, diagnose" { serve diagnose; }
@test "redis-server with io-threads alone" { serve native --io-threads 2 --io-threads-do-reads yes; }
@test "redis-server with io-threads, audit" { serve audit --io-threads 2 --io-threads-do-reads yes; }
@test "redis-server with io-threads, diagnose" { serve diagnose --io-threads 2 --io-threads-do-reads yes; }
