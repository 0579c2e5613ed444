#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A generation ends when its memory does: no order edge outlives its mutexes, whatever way the memory goes.
load wrap.sh

setup_file() { wrap_setup_file generations.cc; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

# At least half of them came to lie where the one before had lain, or the test would say nothing.
clean() { # HOW...
	local how
	for how in "$@"; do
		rm -rf "$T/trace"
		whole generations "$how"
		echo "$how: $(cat "$T/out")"
		[ "$(sed -n 's/^same //p' "$T/out")" -ge 500 ]
		silent order
	done
}

@test "the control: memory that changes hands unseen makes false orders" {
	whole generations pool
	said order
}

@test "new and delete, also of blocks of many pages" { clean new big; }
@test "malloc and free, also of mapped blocks" { clean malloc mmapped; }
@test "realloc that gives the end back" { clean realloc; }
@test "munmap" { clean mmap; }
@test "a map of mutexes" { clean map; }
@test "stacks of ended threads" { clean thread; }
@test "frames of functions that returned" { clean stack; }

@test "jemalloc in glibc's place" {
	so=$(ldconfig -p | sed -n 's/.*libjemalloc\.so\.2 .*=> //p' | head -1)
	[ -n "$so" ] || skip "not installed: libjemalloc2"
	PRELOAD_TOO=$so clean new aligned big malloc map
}

@test "tcmalloc in glibc's place" {
	so=$(ldconfig -p | sed -n 's/.*libtcmalloc_minimal\.so\.4 .*=> //p' | head -1)
	[ -n "$so" ] || skip "not installed: libtcmalloc-minimal4"
	PRELOAD_TOO=$so clean new aligned big malloc map
}
