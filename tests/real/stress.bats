#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# stress-ng's stressors of what pitfall wraps: each ends with success, alone and observed.
load lib.sh

setup_file() { real_setup_file stress-ng; }
setup() { real_setup; }

stress() { # STRESSOR
	local mode
	for mode in native audit diagnose; do
		rm -rf "$T/trace"
		run_to_end "$mode" stress-ng --temp-path "$T/home" --"$1" 1 --timeout "$SECONDS_OF_LOAD" --verify || return 1
		check_report "$mode" stress-ng || return 1
	done
}

@test "stress-ng --pthread" { stress pthread; }
@test "stress-ng --mutex" { stress mutex; }
@test "stress-ng --sem" { stress sem; }
@test "stress-ng --mq" { stress mq; }
@test "stress-ng --pipe" { stress pipe; }
@test "stress-ng --timer" { stress timer; }
@test "stress-ng --timerfd" { stress timerfd; }
