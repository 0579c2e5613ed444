#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that run to an end: python3, java, node, rsync, sqlite3, pbzip2, zstd, and make -j2 of this project. Same output, same status.
load lib.sh

setup_file() {
	real_setup_file
	export TEXT=$BATS_FILE_TMPDIR/text
	seq 1 $((400000 * SECONDS_OF_LOAD)) >"$TEXT"
	PYTHON=$(PATH=/usr/bin:$PATH command -v python3) || export REAL_SKIP="not installed: python3"
	export PYTHON
}
setup() { real_setup; }

needs() {
	command -v "$1" >/dev/null || skip "not installed: $1"
}

same() { # MODE PROGRAM ARG...
	run_to_end "$@"
	same_as_native "$1" "$T/stdout"
	same_as_native "$1" "$T/stderr"
	check_report "$1" "$2"
}

python() { same "$1" "$PYTHON" "$BATS_TEST_DIRNAME/threads.py" "$SECONDS_OF_LOAD"; }
@test "python3 alone" { python native; }
@test "python3, audit" { python audit; }
@test "python3, diagnose" { python diagnose; }

# Its VM thread ends with a lock held, on purpose: no error, docs/field-notes.md.
java_() {
	needs java
	same "$1" java -Xshare:auto -version
}
@test "java alone" { java_ native; }
@test "java, audit" { java_ audit; }
@test "java, diagnose" { java_ diagnose; }

node_() {
	needs node
	same "$1" node -e '
		const { Worker } = require("worker_threads");
		const job = "const w = require(\"worker_threads\"); let s = 0; for (let i = 0; i < 1e6; i++) s += i % 7; w.parentPort.postMessage(s)";
		const one = () => new Promise((ok) => new Worker(job, { eval: true }).on("message", ok));
		Promise.all([one(), one()]).then((s) => console.log(s.join(), require("child_process").execSync("echo child") + ""));'
}
@test "node alone" { node_ native; }
@test "node, audit" { node_ audit; }
@test "node, diagnose" { node_ diagnose; }

copier() {
	needs rsync
	mkdir -p from/a
	seq 1 5000 | split -l 100 - from/a/
	same "$1" rsync -a --out-format=%n from/ to/
	diff -r from to
}
@test "rsync alone" { copier native; }
@test "rsync, audit" { copier audit; }
@test "rsync, diagnose" { copier diagnose; }

database() {
	needs sqlite3
	input=$T/input
	cat >"$input" <<-'END'
		pragma journal_mode=wal;
		pragma threads=2;
		create table t(n integer primary key, s);
		with recursive c(n) as (select 1 union all select n+1 from c where n < 100000) insert into t select n, hex(n*7919%10007) from c;
		create index i on t(s);
		select count(*), sum(n), max(s) from t;
		select s, count(*) from t group by s order by 2 desc, 1 limit 5;
		.backup copy
		pragma integrity_check;
	END
	same "$1" sqlite3 db
	input=
}
@test "sqlite3 alone" { database native; }
@test "sqlite3, audit" { database audit; }
@test "sqlite3, diagnose" { database diagnose; }

block_sorter() {
	needs pbzip2
	same "$1" pbzip2 -k -c -p2 "$TEXT"
}
@test "pbzip2 alone" { block_sorter native; }
@test "pbzip2, audit" { block_sorter audit; }
@test "pbzip2, diagnose" { block_sorter diagnose; }

compressor() {
	needs zstd
	same "$1" zstd -q -T2 -9 -c "$TEXT"
}
@test "zstd -T2 alone" { compressor native; }
@test "zstd -T2, audit" { compressor audit; }
@test "zstd -T2, diagnose" { compressor diagnose; }

# The whole project; -k and -s leave nothing in the output but errors.
build() { # MODE
	local root
	root=$(realpath "$BATS_TEST_DIRNAME/../..")
	mkdir copy
	cp -a "$root/Makefile" "$root/include" "$root/preload" "$root/reporter" copy/
	CFLAGS="-O0 -g" run_to_end "$1" make -s -j2 -C copy O="$T/home/out" CFLAGS="-O0 -g"
	[ -x out/bin/pitfall ] && [ -e out/lib/libpitfall.so ]
	same_as_native "$1" "$T/stderr"
	check_report "$1" make
}
@test "make -j2 of pitfall alone" { build native; }
@test "make -j2 of pitfall, audit" { build audit; }
@test "make -j2 of pitfall, diagnose" { build diagnose; }
