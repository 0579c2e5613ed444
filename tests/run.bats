#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `pitfall run` as a process among processes: statuses, signals, PID 1, refusals, the trace's place.
# PITFALL=…/bin/pitfall chooses the command under test. What the report says is tested elsewhere.

bats_require_minimum_version 1.5.0

setup_file() {
	export PITFALL=${PITFALL:-$BATS_TEST_DIRNAME/../build/bin/pitfall}
	export BIN=$BATS_FILE_TMPDIR
	local src=$BATS_TEST_DIRNAME/programs/run
	for p in waiter orphan counter scene; do
		gcc -O1 -g -pthread -Wall -Wextra -Werror -o "$BIN/$p" "$src/$p.c" || return 1
	done
	echo 'int main(void) { return 0; }' >"$BIN/empty.c"
	gcc -o "$BIN/empty" "$BIN/empty.c" || return 1
	unset PITFALL_OPTIONS LD_PRELOAD
	[ -x "$PITFALL" ]
}

setup() {
	T=$BATS_TEST_TMPDIR
	export TMPDIR=$T/tmp
	mkdir "$TMPDIR"
	: >"$T/err"
	mkfifo "$T/out"
	exec 7<>"$T/out"
}

teardown() {
	exec 7>&- 8>&- 9>&-
	[ -z "$started" ] || kill -KILL $started 2>/dev/null || true
}

# The command in the background, its program's output in the fifo; $run is its pid.
start_run() {
	"$PITFALL" run "$@" >"$T/out" 2>"$T/err" 3>&- 7>&- &
	run=$!
	started="$started $run"
}

# One line of the program's: $word $pid $ppid.
read_line() {
	read -r -t 20 word pid ppid <&7
	started="$started $pid"
}

finish() {
	local rc=0
	wait "$run" || rc=$?
	echo "status $rc"
	cat "$T/err"
	[ "$rc" -eq "$1" ]
}

# Status 125 and one line on stderr that says $1; the rest is the arguments of run.
refused() {
	local text=$1 rc=0
	shift
	"$PITFALL" run "$@" >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ "$rc" -eq 125 ] && [ "$(wc -l <"$T/err")" -eq 1 ] && [ ! -s "$T/stdout" ] && grep -qF -- "$text" "$T/err"
}

status_of() {
	local rc=0
	"$@" >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	echo "status $rc"
	return "$rc"
}

# Reads standard error up to a line with $1 into $T/err.
said() {
	local line
	while read -r -t 30 line <&9; do
		echo "$line" | tee -a "$T/err"
		[[ $line != *$1* ]] || return 0
	done
	return 1
}

# A copy of an ELF file with one byte changed.
patched() { # OUT OFFSET BYTE
	cp "$BIN/empty" "$1"
	printf "\\x$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "the program's own status is run's" {
	run status_of "$PITFALL" run -- sh -c 'exit 7'
	[ "$status" -eq 7 ]
	run status_of "$PITFALL" run true
	[ "$status" -eq 0 ]
}

@test "127 and one line when the program is not found" {
	run -127 status_of "$PITFALL" run no-such-program-anywhere
	[ "$(wc -l <"$T/err")" -eq 1 ]
	grep -q 'no-such-program-anywhere: not found' "$T/err"
	run -127 status_of "$PITFALL" run "$T/nothing"
}

@test "127 when a script's interpreter is missing" {
	printf '#!/no/such/interpreter\n' >"$T/script"
	chmod +x "$T/script"
	run -127 status_of "$PITFALL" run "$T/script"
	grep -q '/no/such/interpreter is missing' "$T/err"
}

@test "126 and one line when the program cannot be executed" {
	echo text >"$T/plain"
	run status_of "$PITFALL" run "$T/plain"
	[ "$status" -eq 126 ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	run status_of "$PITFALL" run "$T"
	[ "$status" -eq 126 ]
	grep -q 'directory' "$T/err"
}

@test "a script without #! is given to the shell, as execvp does" {
	echo 'exit 9' >"$T/script"
	chmod +x "$T/script"
	run status_of "$PITFALL" run "$T/script"
	[ "$status" -eq 9 ]
}

@test "128+N when signal N killed the program" {
	run status_of "$PITFALL" run -- sh -c 'kill -9 $$'
	[ "$status" -eq 137 ]
}

@test "124 on --timeout, and the report still comes" {
	run status_of "$PITFALL" run --timeout 0.3 --report "$T/r.json" -- "$BIN/counter"
	[ "$status" -eq 124 ]
	jq -e '.processes | length == 1' "$T/r.json"
}

@test "a program that ends before --timeout keeps its status" {
	run status_of "$PITFALL" run --timeout 100 -- sh -c 'exit 3'
	[ "$status" -eq 3 ]
}

@test "pitfall's own errors: 125, one line, the program is not started" {
	refused 'no program' -o "$T/trace"
	refused 'unrecognized option' --frob=1 touch "$T/started"
	refused 'unknown setting' --mode=fast touch "$T/started" || refused 'neither audit nor diagnose' --mode=fast touch "$T/started"
	refused 'stack_depth' --stack_depth=1000 touch "$T/started"
	refused 'stack_depth' --stack-depth=x touch "$T/started"
	refused '--timeout' --timeout=soon touch "$T/started"
	refused '--on-deadlock' --on-deadlock=panic touch "$T/started"
	refused '--error-exitcode' --error-exitcode=999 touch "$T/started"
	refused 'nosuchformat' -f nosuchformat touch "$T/started"
	refused "$T/none" --suppressions "$T/none" touch "$T/started"
	refused "$T/no/dir" --report "$T/no/dir/r.json" touch "$T/started"
	PITFALL_OPTIONS=frob=1 refused "unknown setting 'frob'" touch "$T/started"
	[ ! -e "$T/started" ]
}

@test "main: help, version, unknown subcommand" {
	run status_of "$PITFALL" --help
	[ "$status" -eq 0 ]
	grep -q 'pitfall run' "$T/stdout"
	run status_of "$PITFALL" --version
	[ "$status" -eq 0 ]
	run status_of "$PITFALL" frobnicate
	[ "$status" -eq 125 ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	run status_of "$PITFALL"
	[ "$status" -eq 125 ]
}

@test "refused: a static program" {
	gcc -static -o "$T/static" "$BIN/empty.c" || skip "no static libc here"
	refused 'statically linked' "$T/static"
}

@test "refused: a script whose interpreter is static" {
	gcc -static -o "$T/static" "$BIN/empty.c" || skip "no static libc here"
	printf '#!%s\n' "$T/static" >"$T/script"
	chmod +x "$T/script"
	refused "$T/static: statically linked" "$T/script"
}

@test "refused: a musl program" {
	command -v musl-gcc >/dev/null || skip "musl-gcc is not installed"
	musl-gcc -o "$T/musl" "$BIN/empty.c"
	refused 'musl' "$T/musl"
}

@test "refused: a 32-bit program" {
	patched "$T/p" 4 01 # EI_CLASS
	refused '32-bit' "$T/p"
}

@test "refused: another architecture" {
	patched "$T/p" 18 f3 # e_machine: RISC-V
	refused 'another architecture' "$T/p"
}

@test "refused: setuid to somebody else" {
	case $(findmnt -no OPTIONS -T "$T") in *nosuid*) skip "the temporary directory is nosuid" ;; esac
	if [ "$(id -u)" -eq 0 ]; then
		cp "$BIN/empty" "$T/p"
		chown 65534 "$T/p"
		chmod 4755 "$T/p"
		refused 'setuid' "$T/p"
		chown 0:65534 "$T/p"
		chmod 2755 "$T/p"
		refused 'setgid' "$T/p"
	else
		[ -u /bin/su ] || skip "no setuid program at hand"
		refused 'setuid' /bin/su --version
	fi
}

@test "setuid to ourselves is no obstacle" {
	cp "$BIN/empty" "$T/p"
	chmod 4755 "$T/p"
	run status_of "$PITFALL" run "$T/p"
	[ "$status" -eq 0 ]
}

@test "a truncated ELF file: one line, 126" {
	for size in 100 64; do
		head -c $size "$BIN/empty" >"$T/p"
		chmod +x "$T/p"
		run status_of "$PITFALL" run "$T/p"
		[ "$status" -eq 126 ]
		[ "$(wc -l <"$T/err")" -eq 1 ]
	done
}

@test "signals are forwarded, and the report comes" {
	for sig in INT TERM HUP QUIT USR1 USR2; do
		start_run --report "$T/$sig.json" -- "$BIN/waiter"
		read_line
		[ "$ppid" -eq "$run" ]
		kill -$sig "$run"
		finish "$(kill -l $sig)"
		jq -e '.schema == "pitfall-report/1"' "$T/$sig.json"
	done
}

@test "a signal that kills the program when sent to run: 128+N and a report" {
	start_run --report "$T/r.json" -- sh -c 'echo ready $$; read x </proc/$$/fd/0; exec sleep 1000' <"$T/out"
	read_line
	kill -TERM "$run"
	finish 143
	jq -e .schema "$T/r.json"
}

@test "the terminal's Ctrl-C reaches the program once" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	run timeout 30 python3 "$BATS_TEST_DIRNAME/programs/run/terminal.py" "$PITFALL" run -- "$BIN/counter"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *ints=1* ]]
}

@test "standard input and output are the program's" {
	printf 'one\ntwo\n' | "$PITFALL" run -- cat >"$T/stdout" 2>"$T/err"
	[ "$(cat "$T/stdout")" = $'one\ntwo' ]
}

@test "no process group of its own, no descriptor left open" {
	local look='ls /proc/self/fd; ps -o pgid= -p $$'
	sh -c "$look" >"$T/native" 2>"$T/err"
	"$PITFALL" run --programs=none -- sh -c "$look" >"$T/stdout" 2>"$T/err"
	diff "$T/native" "$T/stdout"
}

@test "LISTEN_PID and WATCHDOG_PID that name us are passed on as the program's" {
	sh -c 'LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" run -- sh -c "echo \$LISTEN_PID \$WATCHDOG_PID \$\$"' "$PITFALL" \
		>"$T/stdout" 2>"$T/err"
	read -r a b c <"$T/stdout"
	[ "$a" -eq "$c" ]
	[ "$b" -eq "$c" ]
	LISTEN_PID=1 "$PITFALL" run -- sh -c 'echo $LISTEN_PID' >"$T/stdout" 2>"$T/err"
	[ "$(cat "$T/stdout")" = 1 ]
}

@test "LD_PRELOAD is prepended to what is there, PITFALL_OPTIONS merged" {
	LD_PRELOAD=libm.so.6 PITFALL_OPTIONS='max_trace=5:mode=audit:log="a:b"' "$PITFALL" run --max-trace=7 -- env >"$T/stdout" 2>"$T/err"
	grep -E '^LD_PRELOAD=/.*/libpitfall.so:libm.so.6$' "$T/stdout"
	opts=$(grep '^PITFALL_OPTIONS=' "$T/stdout")
	[[ $opts == *max_trace=7* && $opts != *max_trace=5* ]] # the command line over the environment
	[[ $opts == *mode=audit* ]]			       # the environment over run's default
	[[ $opts == *'log="a:b"'* ]]
	"$PITFALL" run -- env 2>"$T/err" | grep '^PITFALL_OPTIONS=.*mode=diagnose'
}

@test "the temporary trace goes with the report" {
	"$PITFALL" run -- true 2>"$T/err"
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "-o keeps the trace, and a second run there reports on itself alone" {
	"$PITFALL" run -o "$T/a/b" --report "$T/1.json" -- true
	ls "$T/a/b"/*.jsonl "$T/a/b"/*.state
	"$PITFALL" run -o "$T/a/b" --report "$T/2.json" -- true
	jq -e '.processes | length == 1' "$T/1.json"
	jq -e '.processes | length == 1' "$T/2.json"
	[ "$(ls "$T/a/b"/*.jsonl | wc -l)" -ge 2 ]
}

@test "an unwritable trace directory: one line, /dev/shm, the program unharmed" {
	[ -w /dev/shm ] || skip "/dev/shm is not writable"
	run status_of "$PITFALL" run -o /proc/nowhere -- sh -c 'echo out; exit 4'
	[ "$status" -eq 4 ]
	[ "$(cat "$T/stdout")" = out ]
	grep -q '^pitfall: /proc/nowhere is not writable (.*): the trace goes to /dev/shm/pitfall-' "$T/err"
	dir=$(sed -n 's/^pitfall: the trace is in //p' "$T/err")
	ls "$dir"/*.state
	rm -r "$dir"
}

@test "a program that was not observed is said to be so; --strict makes it 125" {
	run status_of "$PITFALL" run --programs=nothing-of-this-name -- true
	[ "$status" -eq 0 ]
	grep -q 'not observed' "$T/err"
	run status_of "$PITFALL" run --strict --programs=nothing-of-this-name -- true
	[ "$status" -eq 125 ]
}

@test "a program lost at an exec with a clean environment is said to be so" {
	run status_of "$PITFALL" run --report "$T/r.json" -- env -i "$BIN/empty"
	[ "$status" -eq 0 ]
	grep -q 'not observed: not after it executed another program' "$T/err"
	jq -e '[.processes[] | select(.coverage.observed | not)] | length == 1' "$T/r.json"
}

@test "that a program is not observed is said while it runs" {
	mkfifo "$T/said"
	exec 9<>"$T/said"
	"$PITFALL" run --timeout 60 -- env -i "$BIN/waiter" >"$T/out" 2>"$T/said" 3>&- 7>&- 9>&- &
	run=$!
	started="$started $run"
	read_line
	said "process $pid is not observed"
	kill -USR1 "$run"
	finish 10
}

@test "a descendant that lives on: the run ends, its trace stays and is named" {
	mkfifo "$T/go"
	"$PITFALL" run --report "$T/r.json" -- sh -c '"$0" >"$1" & read -r x <"$2"; exit 6' "$BIN/waiter" "$T/out" "$T/go" \
		2>"$T/err" 3>&- 7>&- &
	run=$!
	started="$started $run"
	read_line
	echo >"$T/go"
	finish 6
	dir=$(sed -n 's/^pitfall: 1 process of the run still lives; the trace is in //p' "$T/err")
	ls "$dir"/waiter-*.state
	jq -e '[.processes[] | select(.pid == '"$pid"' and .ended == "running")] | length == 1' "$T/r.json"
}

@test "--strict: a child without a trace makes it 125, one with a trace does not" {
	run status_of "$PITFALL" run --strict -- sh -c '"$0"; exit 0' "$BIN/empty"
	[ "$status" -eq 0 ]
	run status_of "$PITFALL" run --strict -- sh -c 'env -i "$0"; exit 0' "$BIN/empty"
	[ "$status" -eq 125 ]
	grep -q -- '--strict: ' "$T/err"
}

# The deadlock of the scene, standard error in a fifo so that it can be waited for.
start_deadlock() {
	mkfifo "$T/said" "$T/in"
	exec 8<>"$T/in" 9<>"$T/said"
	"$PITFALL" run --timeout 60 "$@" -- "$BIN/scene" deadlock <"$T/in" >"$T/out" 2>"$T/said" 3>&- 7>&- 8>&- 9>&- &
	run=$!
	started="$started $run"
	read_line
}

@test "a deadlock is printed while the program runs, and run waits on" {
	start_deadlock --report "$T/r.json"
	said 'is in a deadlock'
	kill -0 "$pid"
	said 'left'
	said 'right'
	[ ! -e "$T/r.json" ]
	kill -TERM "$run"
	finish 143
	jq -e '[.diagnoses[] | select(.rule == "deadlock")] | length == 1 and .[0].severity == "error"' "$T/r.json"
}

@test "--on-deadlock=exit ends the program and reports" {
	start_deadlock --report "$T/r.json" --on-deadlock=exit
	finish 143
	jq -e '.processes[0] | .ended == "signal" and .status == 15' "$T/r.json"
	jq -e '[.diagnoses[] | select(.rule == "deadlock")] | length == 1' "$T/r.json"
}

@test "--error-exitcode: after an error, not without" {
	start_deadlock --report "$T/r.json" --error-exitcode 42
	said 'is in a deadlock'
	exec 8>&-
	finish 42
	run status_of "$PITFALL" run --error-exitcode 42 -- sh -c 'exit 5'
	[ "$status" -eq 5 ]
}

@test "--timeout ends observed descendants too, in other sessions as well" {
	command -v setsid >/dev/null || skip "no setsid"
	mkfifo "$T/life"
	start_run --timeout 0.5 -- sh -c 'setsid sleep 1000 >"$0" & setsid sleep 1000 >"$0" & wait' "$T/life"
	timeout 30 cat "$T/life" # ends when both sleeps are gone
	finish 124
}

@test "--timeout kills what ignores TERM" {
	mkfifo "$T/life"
	start_run --timeout 0.2 -- sh -c 'trap "" TERM; exec sleep 1000 >"$0"' "$T/life"
	timeout 30 cat "$T/life"
	finish 124
}

@test "a program stopped and continued by others, without job control" {
	start_run -- "$BIN/waiter"
	read_line
	kill -STOP "$pid"
	until grep -q '^State:.T' "/proc/$pid/status"; do :; done
	kill -CONT "$pid"
	kill -USR1 "$run"
	finish 10
}

@test "under a shell's job control run stops and continues with its program" {
	cat >"$T/script" <<-'S'
		set -m
		"$PITFALL" run -- sh -c 'kill -STOP $$; exit 7' 2>/dev/null &
		wait %1
		echo "first $?"
		kill -CONT -- -$!
		wait -f %1
		echo "then $?"
	S
	run timeout 60 bash "$T/script" 3>&- 7>&-
	echo "$output"
	[[ $output == *"first 147"*"then 7"* ]]
}

@test "as PID 1: orphans are reaped" {
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no new PID namespace here"
	run status_of timeout 60 unshare --pid --fork --mount-proc "$PITFALL" run -- "$BIN/orphan"
	[ "$status" -eq 0 ]
}

@test "as PID 1: signals are forwarded" {
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no new PID namespace here"
	run status_of timeout 60 unshare --pid --fork --mount-proc "$PITFALL" run -- \
		sh -c 'trap "exit 33" TERM; kill -TERM 1; while :; do sleep 0.1; done'
	[ "$status" -eq 33 ]
}
