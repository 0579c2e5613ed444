#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What can be wrong around us: settings, directories, disks, traces. One clear line each, the documented status, and the program itself
# unharmed. What `pitfall run` refuses to start is tested in ../run.bats.
load lib.sh

setup_file() { whole_setup_file work; }
setup() { whole_setup; }
teardown() { whole_teardown; }

# The program does its work under a bare LD_PRELOAD with these options; one line of ours on its stderr, with $2 in it.
unharmed() { # OPTIONS TEXT
	local rc=0
	PITFALL_OPTIONS=$1 LD_PRELOAD=$LIB "$BIN/work" >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq 3 ]
	[ "$(cat "$T/stdout")" = done ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	grep -q -- "$2" "$T/err"
}

@test "an unknown setting" { unharmed "frob=1:keep=yes:output=$T/trace" frob; }
@test "a setting with a bad value" { unharmed "mode=loud:output=$T/trace" 'mode=loud'; }
@test "a number out of range" { unharmed "stack_depth=9999:output=$T/trace" stack_depth; }
@test "a string of settings cut short" { unharmed 'keep=yes:output="'"$T/trace" output; }

@test "an output directory that cannot be written" {
	touch "$T/file"
	unharmed "keep=yes:output=$T/file/no" "$T/file/no"
	rm -f /dev/shm/work-*.jsonl /dev/shm/work-*.state
}

# In a mount namespace of its own, so that nothing is left mounted; where even that is forbidden, skip.
on_small_disk() { # SIZE COMMAND
	local -a ns=(unshare -m)
	[ "$(id -u)" -eq 0 ] || ns=(unshare -Urm)
	mkdir -p "$T/disk"
	"${ns[@]}" mount -t tmpfs -o size=64k none "$T/disk" 2>/dev/null || skip "no mount namespace here"
	"${ns[@]}" sh -c 'mount -t tmpfs -o size='"$1"' none "$1" && shift && "$@"' sh "$T/disk" "${@:2}"
}

@test "a disk that is full from the start, and one that fills" {
	for size in 4k 64k 256k 1m; do
		rc=0
		on_small_disk $size env "PITFALL_OPTIONS=keep=yes:output=$T/disk" "LD_PRELOAD=$LIB" "$BIN/work" >"$T/stdout" 2>"$T/err" || rc=$?
		echo "$size: status $rc"
		cat "$T/err"
		[ $rc -eq 3 ]
		[ "$(cat "$T/stdout")" = done ]
		[ "$(wc -l <"$T/err")" -le 1 ]
	done
	rm -f /dev/shm/work-*.jsonl /dev/shm/work-*.state
}

@test "pitfall run on a small disk: the program's status, and a report" {
	rc=0
	on_small_disk 128k "$PITFALL" run -o "$T/disk/trace" --report "$T/report.json" -- "$BIN/work" >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq 3 ]
	[ "$(cat "$T/stdout")" = done ]
	jq -e '.processes | length == 1' "$T/report.json"
}

@test "a limit on file sizes" {
	rc=0
	(ulimit -f 16 && PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB exec "$BIN/work") >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq 3 ]
	[ "$(cat "$T/stdout")" = done ]
	rm -f /dev/shm/work-*.jsonl /dev/shm/work-*.state
}

@test "a limit on memory" {
	rc=0
	(ulimit -v 120000 && PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB exec "$BIN/work") >"$T/stdout" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq 3 ]
	[ "$(cat "$T/stdout")" = done ]
}

# A trace to spoil.
make_trace() {
	PITFALL_OPTIONS=keep=yes:output=$T/trace LD_PRELOAD=$LIB "$BIN/work" >/dev/null || [ $? -eq 3 ]
	good=$(echo "$T"/trace/*.jsonl)
	state=${good%.jsonl}.state
	[ -s "$good" ] && [ -s "$state" ]
}

# report says status $1 about file $2, with a line on stderr that names it and (if given) says $3; and never dies.
says() { # STATUS FILE [TEXT]
	local rc=0
	timeout 60 "$PITFALL" report -f json -o "$T/report.json" "$2" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq "$1" ] || {
		echo "status $rc for $2"
		return 1
	}
	[ -z "${3-}" ] || grep -qF -- "$3" "$T/err"
	[ $rc -eq 125 ] || jq -e '.schema == "pitfall-report/1"' "$T/report.json" >/dev/null
}

@test "no trace, an empty one, one of another kind" {
	says 125 "$T/none" "$T/none"
	mkdir "$T/nothing"
	says 125 "$T/nothing" "$T/nothing"
	: >"$T/empty.jsonl"
	says 125 "$T/empty.jsonl" "$T/empty.jsonl"
	head -c 100000 "$BIN/work" >"$T/binary.jsonl"
	says 125 "$T/binary.jsonl" "$T/binary.jsonl"
	head -c 100000 "$BIN/work" >"$T/binary.state"
	says 125 "$T/binary.state" "$T/binary.state"
	yes '{"no":"trace"}' | head -n 1000 >"$T/other.jsonl"
	says 125 "$T/other.jsonl" "$T/other.jsonl"
}

@test "a trace cut anywhere: what could be read is reported" {
	make_trace
	mkdir "$T/cut"
	cp "$state" "$T/cut/t.state"
	size=$(stat -c %s "$good")
	for part in 3 5 7 9; do
		head -c $((size * part / 10)) "$good" >"$T/cut/t.jsonl"
		says 0 "$T/cut"
		jq -e '.processes | length == 1' "$T/report.json"
	done
	cp "$good" "$T/cut/t.jsonl"
	size=$(stat -c %s "$state")
	for part in 0 1 3 5 9; do
		head -c $((size * part / 10)) "$state" >"$T/cut/t.state"
		says 0 "$T/cut" t.state:
		jq -e '.processes | length == 1' "$T/report.json"
	done
}

@test "hostile lines: named by file and number, and the rest is reported" {
	make_trace
	mkdir "$T/bad"
	cp "$state" "$T/bad/t.state"
	{
		cat "$good"
		echo '{"ev":"misuse","kind":'
		printf '{"ev":"stack","id":7,"pcs":'
		printf '[%.0s' $(seq 5000)
		echo
		echo '{"ev":"misuse","kind":"relock","stack":4294967295,"addr":-1,"obj":99999999999999999999999999}'
		echo '{"ev":"deadlock","ring":[{"thread":4000000000,"obj":4000000000}],"self":0}'
		echo '{"ev":"order","edges":[{},{},7,"x"]}'
		printf '{"ev":"module","path":"%s","id":1}\n' "$(printf '../%.0s' $(seq 3000))"
		printf '{"ev":"process","exe":"\\u0000\x1b]0;x\x07\\u202e"}\n'
		printf '{"ev":"thread","serial":1,"name":"\xff\xfe\xff"}\n'
		head -c 300000 /dev/zero | tr '\0' '{'
		echo
	} >"$T/bad/t.jsonl"
	first_bad=$(($(wc -l <"$good") + 1))
	says 0 "$T/bad" "t.jsonl:$first_bad:"
	jq -e '.processes[0].program | endswith("/work")' "$T/report.json"
	# as text, no control character of the trace's reaches the terminal
	"$PITFALL" report "$T/bad" >"$T/text" 2>&1
	if grep -q $'[\x1b\x07]' "$T/text"; then return 1; fi
}

@test "a state file with nonsense in every page" {
	make_trace
	mkdir "$T/bad"
	cp "$good" "$T/bad/t.jsonl"
	size=$(stat -c %s "$state")
	python3 - "$state" "$T/bad" <<-'END'
		import pathlib, random, sys
		data = pathlib.Path(sys.argv[1]).read_bytes()
		for n in range(40):
		    r, spoilt = random.Random(n), bytearray(data)
		    for _ in range(200):
		        at = r.randrange(0, len(spoilt) - 8) if n % 2 else r.randrange(0, min(4096, len(spoilt) - 8))
		        spoilt[at:at + 8] = r.randbytes(8)
		    (pathlib.Path(sys.argv[2]) / f"bad{n}.state").write_bytes(spoilt)
	END
	for n in $(seq 0 39); do
		mv "$T/bad/bad$n.state" "$T/bad/t.state"
		rc=0
		timeout 60 "$PITFALL" report -f json -o "$T/report.json" "$T/bad" 2>"$T/err" || rc=$?
		[ $rc -eq 0 ] || [ $rc -eq 125 ] || {
			echo "seed $n: status $rc"
			cat "$T/err"
			return 1
		}
		rc=0
		timeout 60 "$PITFALL" dump "$T/bad/t.state" >"$T/dump" 2>"$T/err" || rc=$?
		[ $rc -eq 0 ] || [ $rc -eq 125 ] || {
			echo "seed $n: dump: status $rc"
			return 1
		}
	done
}
