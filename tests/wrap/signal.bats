#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Signal handlers: the program finds all as it is without us, and nothing is said of what is sound.
load wrap.sh

setup_file() { wrap_setup_file signal.c; }
setup() { wrap_setup; }
teardown() { wrap_teardown; }

same() { # SCENE
	"$BIN/signal" "$1"
	whole signal "$1"
	silent misuse deadlock tool_error
}

@test "what sigaction and signal return as the old one: handler, flags, mask" { same old; }
@test "a handler that calls the one before it" { same chained; }
@test "nested handlers, siginfo, a value" { same arguments; }
@test "an alternate stack of 8 KiB" { same small_stack; }
@test "ten thousand handlers left by siglongjmp" { same jumps; }
@test "backtrace() goes through the trampoline" { same walked; }
@test "EINTR without SA_RESTART, none with it" { same restarts; }
@test "handlers of two kinds change while signals come" { same turns; }
@test "an address found by a raw system call may be called and installed" { same raw; }
@test "fork in a handler; actions set in the child of a vfork" { same forks; }
@test "pthread_exit in a handler" {
	"$BIN/signal" exits
	whole signal exits
	silent deadlock tool_error
}

@test "more handlers than are kept: all of them run, and it is said" {
	"$BIN/signal" many
	whole signal many
	silent misuse tool_error
	[ "$(lines blind | grep -c unsafe-call-in-signal-handler)" -eq 1 ]
}

@test "who posts or writes from a handler is known as such" {
	start signal roles
	some role ".kind == 1 and .role == 1 and .flags == $(num RF_HANDLER)" 1
	some role ".kind == 2 and .role == 1 and .flags == $(num RF_HANDLER)" 1
	some role ".role == 2 and .flags != 0" 0
	finish
}
