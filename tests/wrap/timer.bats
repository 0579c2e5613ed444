#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Timers of all kinds, and message queues: what the tables say while they live, and that they are gone when they are gone.
load wrap.sh

setup_file() { wrap_setup_file timer.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

has() { echo "(.flags / $(num "$1") | floor) % 2 == 1"; } # FLAG: a jq condition
header() { "$BIN/state_rows" "$T"/trace/"$name"-*.state header | jq "$1"; }

@test "each kind, armed and gone" {
	start timer kinds
	some timer ".kind == $(num TIMER_posix)" 3
	some timer ".kind == $(num TIMER_timerfd) and .id > 2 and .arms == 1 and .value == 3600000000000 and .interval == 0" 1
	some timer ".kind == $(num TIMER_itimer) and .interval == 7000000000 and $(has MF_PERIODIC)" 2
	some timer ".notify == 1 and .interval == 1000000 and .value == 2000000 and $(has MF_ARMED)" 1 # SIGEV_NONE
	# an absolute time is told as what is left
	some timer ".kind == $(num TIMER_posix) and .signo == 12 and .value > 3598000000000 and .value <= 3600000000000" 1
	some timer '.kind == 0 and .signo == 14 and .arms == 0' 1 # no sigevent: SIGALRM
	some fd ".kind == $(num FDK_timerfd) and .open == 1 and .timer > 0" 1
	[ "$(header .timers_live)" = 6 ]
	echo >&9
	until_true grep -q gone "$T/out"
	some timer "$(has MF_ARMED)" 0
	some timer '.serial > 0' 1
	[ "$(header .timers_live)" = 1 ]
	[ "$(header .timers_peak)" = 6 ]
	finish
}

@test "the functions that made them have returned, more of them than a thread watches" {
	start timer returned
	some timer "$(has MF_RETURNED) and .creator_cfa > 0" 20
	[ "$(rows site | jq -s "map(select(.kind == $(num SITE_timer))) | map([.made, .returned])" -c)" = '[[20,20]]' ]
	finish
	some timer '.serial > 0' 0
}

@test "the function that made it is still there" {
	start timer not-returned
	some timer "$(has MF_RETURNED)" 0
	some timer '.serial > 0' 1
	finish
}

@test "its thread has ended" {
	start timer thread-ended
	some timer "$(has MF_CREATOR_ENDED) and $(has MF_RETURNED) and .thread == 2" 1
	finish
}

@test "expirations that were taken, by sigwaitinfo and by read" {
	start timer consumed
	some timer ".kind == $(num TIMER_posix) and .consumed == 3" 1
	some timer ".kind == $(num TIMER_timerfd) and .consumed == $(sed -n 's/^sum //p' "$T/out")" 1
	finish
}

@test "SIGEV_THREAD: its function, and no thread of the program's" {
	start timer function
	some timer '.notify == 2 and .function > 0' 1
	some thread "($(has TF_ADOPTED) | not)" 0
	finish
	if lines misuse; then return 1; fi
}

@test "EAGAIN is told once for its site, and counted" {
	whole timer exhausted
	[ "$(lines exhausted | jq -c '[.what, .err, .limit]')" = '["timer","EAGAIN",10]' ]
	some site ".kind == $(num SITE_timer) and .failed == 5" 1
}

@test "message queues: descriptors, roles, waits" {
	start timer queue
	! grep -q none "$T/out" || skip "no message queues here"
	until_true some live ".wait_call == $(num CALL_mq_receive) and .wait_fd > 2 and .wait_flags == 0" 1
	some fd ".kind == $(num FDK_mqueue) and .open == 1" 2
	echo >&9
	until_true grep -q closed "$T/out"
	some fd ".kind == $(num FDK_mqueue) and .open == 1" 0
	some role '.kind == 3 and .role == 1' 1
	some role '.kind == 3 and .role == 2' 2
	some role '.kind == 3 and .role == 4' 2
	finish
}

@test "a program bound to the timers of glibc 2.2.5" {
	[ "$(uname -m)" = x86_64 ] || skip "only x86-64 has two forms"
	gcc -O1 -g -D_GNU_SOURCE -pthread -Wall -Wextra -o "$BIN/timer_old" "$BATS_TEST_DIRNAME/timer_old.c"
	readelf --dyn-syms -W "$BIN/timer_old" | grep -q 'timer_create@GLIBC_2.2.5'
	whole timer_old
	[ "$(cat "$T/out")" = old ]
}
