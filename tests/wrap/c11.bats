#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# C11 threads: libc calls their pthread parts under names of its own, so these are seen by themselves or not at all.
load wrap.sh

setup_file() { wrap_setup_file c11.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

@test "threads, mutexes and condition variables, with the codes of their own" {
	start c11 sound
	until_true some live ".wait_call == $(num CALL_cond_wait) and .wait_with > 0" 2
	some thread "(.flags / $(num TF_C11) | floor) % 2 == 1 and .start > 0 and .stack > 0" 2
	some sync ".kind == $(num SYNC_mutex) and (.flags / $(num SF_C11) | floor) % 2 == 1" 2
	some live '.nheld > 0' 0
	finish
	silent misuse
	some thread "(.flags / $(num TF_ENDED) | floor) % 2 == 1" 0
}

@test "opposite orders that met" {
	hangs c11 ring
	ring mutex_lock mutex_lock
}
