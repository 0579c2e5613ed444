#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every row of symbols.def is entered, and gives what libc would: see verify_wrap.c. That a row can be missed, or a wrapper
# not entered, is seen to fail.

bats_require_minimum_version 1.5.0

setup_file() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	PITFALL=${PITFALL:-$ROOT/build/bin/pitfall}
	LIB=$(realpath "$(dirname "$PITFALL")/../lib/libpitfall.so") || return 1
	export ROOT LIB BIN=$BATS_FILE_TMPDIR
	unset PITFALL_OPTIONS LD_PRELOAD
	compile "$ROOT/preload" "$BIN/verify_wrap"
}

compile() { # PRELOAD-DIRECTORY PROGRAM
	gcc -std=gnu17 -D_GNU_SOURCE -O0 -fno-builtin -g -fPIE -pie -Wall -Werror -Wno-unused-result -Wno-nonnull -Wno-stringop-overflow \
		-Wno-deprecated-declarations -Wno-unused-function -Wno-unused-variable -U_FORTIFY_SOURCE -I"$1" -I"$ROOT/preload" \
		-I"$ROOT/tests" "$ROOT/tests/verify_wrap.c" -Wl,-z,dynamic-undefined-weak -o "$2"
}

verify() { # PROGRAM ROW...
	(cd "$BATS_TEST_TMPDIR" && LD_PRELOAD=$LIB PITFALL_OPTIONS=output=$BATS_TEST_TMPDIR/trace "$@")
}

@test "every row of symbols.def is bound to us, entered, and comes out as without us" {
	run verify "$BIN/verify_wrap"
	grep -E '^not ok|^# ' <<<"$output" || true
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -gt 100 ]
}

@test "a row without a line fails, and so does a wrapper that is not entered" {
	mkdir -p "$BATS_TEST_TMPDIR/real"
	cp "$ROOT/preload/real/decl.h" "$BATS_TEST_TMPDIR/real/"
	{ cat "$ROOT/preload/real/symbols.def"; echo 'SYM(strverscmp, "")'; } >"$BATS_TEST_TMPDIR/real/symbols.def"
	compile "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/other"
	run verify "$BATS_TEST_TMPDIR/other" strverscmp
	[ "$status" -eq 1 ]
	[[ $output == *"not ok 1 strverscmp: no line"* ]]
	# Without the preload nothing is ours.
	cd "$BATS_TEST_TMPDIR"
	run "$BIN/verify_wrap" fork execl
	[ "$status" -eq 1 ]
	[ "$(grep -c "^not ok .*not bound to libpitfall" <<<"$output")" -eq 2 ]
}

@test "every function of libc is wrapped, harmless or blind, and in one class only" {
	glibc=$(getconf GNU_LIBC_VERSION)
	[ "$glibc" = "glibc 2.36" ] || skip "the list is of glibc 2.36, here is $glibc"
	"$ROOT/scripts/libc-exports" --check
	# Unmarked, marked twice, marked and wrapped: each is told.
	mkdir -p "$BATS_TEST_TMPDIR/scripts" "$BATS_TEST_TMPDIR/preload/real"
	cp "$ROOT/scripts/libc-exports" "$BATS_TEST_TMPDIR/scripts/"
	cp "$ROOT/preload/real/symbols.def" "$BATS_TEST_TMPDIR/preload/real/"
	sed 's/ qsort\*//' "$ROOT/preload/real/libc_exports.def" >"$BATS_TEST_TMPDIR/preload/real/libc_exports.def"
	printf 'harmless test\n\tfork syslog\nblind test\n\tbsearc*\n' >>"$BATS_TEST_TMPDIR/preload/real/libc_exports.def"
	echo 'SYM(no_such_function, "")' >>"$BATS_TEST_TMPDIR/preload/real/symbols.def"
	run "$BATS_TEST_TMPDIR/scripts/libc-exports" --check
	[ "$status" -eq 1 ]
	[[ $output == *"# qsort is in no class"* ]]
	[[ $output == *"# syslog is named twice"* ]]
	[[ $output == *"# fork is marked harmless (test), but is a row"* ]]
	[[ $output == *"# no_such_function is a row, but no function"* ]]
}
