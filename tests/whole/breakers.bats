#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What broke other preloads worst: subprocess with vfork and a failing exec, a plugin that only RUNPATH reaches, and a thousand
# mutexes at one address.
load lib.sh

setup_file() {
	whole_setup_file reuse
	mkdir "$BIN/plugins"
	gcc -O1 -g -pthread -fPIC -shared -o "$BIN/plugins/libplug.so" "$BATS_TEST_DIRNAME/plugin.c"
	gcc -O1 -g -o "$BIN/plugin_user" "$BATS_TEST_DIRNAME/plugin_user.c" -Wl,-rpath,'$ORIGIN/plugins',--enable-new-dtags
}
setup() { whole_setup; }
teardown() { whole_teardown; }

# Same status and output as alone, in each mode; the report of the last in $T/report.json.
as_alone() { # PROGRAM ARG...
	local mode rc alone_rc=0
	"$@" >"$T/alone" 2>"$T/alone.err" || alone_rc=$?
	for mode in audit diagnose; do
		rc=0
		"$PITFALL" run --mode $mode --report "$T/report.json" -- "$@" >"$T/stdout" 2>"$T/err" || rc=$?
		[ $rc -eq $alone_rc ]
		diff "$T/alone" "$T/stdout"
		diff "$T/alone.err" "$T/err"
		jq -e '.processes[0].coverage.observed and .summary.errors == 0' "$T/report.json"
	done
}

@test "python3's subprocess, with an exec that fails" {
	PYTHON=$(PATH=/usr/bin:$PATH command -v python3) || skip "not installed: python3"
	cat >"$T/sub.py" <<-'END'
		import subprocess, sys, threading
		def many():
		    for _ in range(20):
		        assert subprocess.run(["true"]).returncode == 0
		        try:
		            subprocess.run(["/nonexistent"])
		            print("ran what is not there")
		        except FileNotFoundError as e:
		            assert e.errno == 2
		        p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=True)
		        assert p.communicate(b"x" * 100000)[0] == b"x" * 100000
		threads = [threading.Thread(target=many) for _ in range(3)]
		for t in threads: t.start()
		for t in threads: t.join()
		print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 9"], capture_output=True).returncode)
		print(subprocess.run(["sh", "-c", "kill -9 $$"]).returncode)
		sys.exit(4)
	END
	as_alone "$PYTHON" "$T/sub.py"
	[ "$(cat "$T/stdout")" = "$(printf '9\n-9')" ]
}

@test "a plugin that only the program's RUNPATH reaches" {
	as_alone "$BIN/plugin_user"
	[ "$(cat "$T/stdout")" = 42 ]
}

@test "a thousand heap mutexes at one address: no false order" {
	as_alone "$BIN/reuse" sound
	[ "$(cat "$T/stdout")" -eq 1 ] # else this says nothing
	jq -e '[.diagnoses[] | select(.family == "deadlock")] == []' "$T/report.json"
}

@test "and a real inversion among them is seen" {
	"$PITFALL" run --report "$T/report.json" -- "$BIN/reuse" inverted
	jq -e 'any(.diagnoses[]; .rule == "lock-order-inversion")' "$T/report.json"
}
