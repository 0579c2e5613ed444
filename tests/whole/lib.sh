# SPDX-License-Identifier: MIT
# Helpers of tests/whole/*.bats: small programs of our own, whole, under `pitfall run` or a bare LD_PRELOAD.

bats_require_minimum_version 1.5.0

# In setup_file, with the C programs of this directory to build into $BIN.
whole_setup_file() {
	local p
	export PITFALL=${PITFALL:-$BATS_TEST_DIRNAME/../../build/bin/pitfall}
	export BIN=$BATS_FILE_TMPDIR
	unset PITFALL_OPTIONS LD_PRELOAD
	[ -x "$PITFALL" ] || return 1
	LIB=$(dirname "$PITFALL")/../lib/libpitfall.so
	[ -e "$LIB" ] || LIB=$(dirname "$PITFALL")/../lib/pitfall/libpitfall.so
	LIB=$(realpath "$LIB") || return 1
	export LIB
	for p in "$@"; do
		gcc -O1 -g -pthread -Wall -Wextra -Werror -o "$BIN/$p" "$BATS_TEST_DIRNAME/$p.c" || return 1
	done
}

whole_setup() {
	T=$BATS_TEST_TMPDIR
	started=
	export TMPDIR=$T
}

whole_teardown() {
	[ -z "$started" ] || kill -KILL $started 2>/dev/null || true
}

# The line of FILE that carries a mark.
line_of() { # FILE MARK
	grep -n "/\* $2 \*/" "$BATS_TEST_DIRNAME/$1" | cut -d: -f1
}

# Every line of every trace below $1 is whole JSON, or blank, or (with $2) the torn end of a killed process.
whole_lines() { # DIR [TORN]
	local f bad=0
	for f in "$1"/*.jsonl; do
		[ -e "$f" ] || return 1
		bad=$((bad + $(grep -av '^$' "$f" | grep -avc '^{.*}$' || true)))
		grep -a '^{.*}$' "$f" | jq -e . >/dev/null || return 1
	done
	[ "$bad" -le "${2:-0}" ] || {
		echo "$bad torn lines"
		return 1
	}
}
