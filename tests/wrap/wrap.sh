# SPDX-License-Identifier: MIT
# Helpers of tests/wrap/*.bats: a small C program is run under a bare LD_PRELOAD up to the moment it says "ready"; its state is looked at; then
# it goes on to its end.

bats_require_minimum_version 1.5.0

# In setup_file: builds the programs named (.c or .cc) into $BIN, and state_rows.
wrap_setup_file() { # SOURCE...
	local p root=$BATS_TEST_DIRNAME/../..
	local pitfall=${PITFALL:-$root/build/bin/pitfall}
	export BIN=$BATS_FILE_TMPDIR ROOT=$root
	LIB=${LIBPITFALL:-$(dirname "$pitfall")/../lib/libpitfall.so}
	LIB=$(realpath "$LIB") || return 1
	export LIB
	unset PITFALL_OPTIONS LD_PRELOAD
	for p in "$@"; do
		case $p in
		*.cc) g++ -O1 -g -std=c++17 -pthread -Wall -Wextra -o "$BIN/${p%.cc}" "$BATS_TEST_DIRNAME/$p" || return 1 ;;
		*) gcc -O1 -g -std=gnu17 -D_GNU_SOURCE -pthread -Wall -Wextra -Wno-unused-result -o "$BIN/${p%.c}" "$BATS_TEST_DIRNAME/$p" || return 1 ;;
		esac
	done
	gcc -std=gnu17 -I"$root/include" -o "$BIN/state_rows" "$root/tests/tools/state_rows.c"
}

wrap_setup() {
	T=$BATS_TEST_TMPDIR
	started=
	mkfifo "$T/go"
}
wrap_teardown() {
	[ -z "$started" ] || kill -KILL "$started" 2>/dev/null || true
}

# Until COMMAND succeeds; ten seconds at most.
until_true() { # COMMAND...
	for _ in $(seq 500); do
		"$@" && return 0
		[ -d "/proc/$started" ] || break
		sleep 0.02
	done
	cat "$T/out" "$T/err"
	return 1
}
start() { # PROGRAM ARG...
	name=$1
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB${PRELOAD_TOO:+:$PRELOAD_TOO} "$BIN/$1" "${@:2}" <"$T/go" >"$T/out" 2>"$T/err" 3>&- 4>&- &
	started=$!
	exec 9>"$T/go"
	until_true grep -q ^ready "$T/out"
}
finish() { # expects status 0
	local rc=0
	echo >&9
	exec 9>&-
	wait "$started" || rc=$?
	started=
	cat "$T/err"
	return $rc
}
# To its end without a stop.
whole() { # PROGRAM ARG...
	name=$1
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB${PRELOAD_TOO:+:$PRELOAD_TOO} "$BIN/$1" "${@:2}" >"$T/out" 2>"$T/err" 3>&- 4>&-
}
# It will never end: kill it once it has said what is wanted.
hangs() { # PROGRAM ARG...
	start "$@"
	until_true said deadlock
	kill -KILL "$started"
	wait "$started" || true
	started=
}
rows() { "$BIN/state_rows" "$T"/trace/"$name"-*.state "$1"; } # TABLE
lines() { grep -ah "^{\"ev\":\"$1\"" "$T"/trace/"$name"-*.jsonl; }
said() { lines "$1" >/dev/null; }
# None of these events. (A bare "! said x" fails a test only as its last command.)
silent() { # EVENT...
	local event
	for event in "$@"; do
		if said "$event"; then
			lines "$event"
			return 1
		fi
	done
}
# How many rows of TABLE the jq condition holds for.
count() { rows "$1" | jq -s "map(select($2)) | length"; } # TABLE CONDITION
some() { [ "$(count "$1" "$2")" -eq "$3" ]; }             # TABLE CONDITION NUMBER
# The number behind a name of the schema.
num() {
	printf '#include <stdio.h>\n#include "trace_schema.h"\nint main(void) { printf("%%d\\n", (int)(%s)); }\n' "$1" |
		gcc -x c -I"$ROOT/include" -o "$T/num" - && "$T/num"
}
# A ring was told, by these calls (sorted).
ring() { # CALL...
	diff <(lines deadlock | jq -r '.ring[].wait' | sort) <(printf '%s\n' "$@" | sort)
}
misuses() { lines misuse | jq -r .kind | sort; }
