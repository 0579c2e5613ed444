#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# mariadbd under mysqlslap, on a data directory of its own.
load lib.sh

setup_file() {
	real_setup_file mariadbd mariadb-install-db mysqlslap mariadb
	[ -z "$REAL_SKIP" ] || return 0
	export DATA=$BATS_FILE_TMPDIR/data
	mariadb-install-db --no-defaults --datadir="$DATA" --auth-root-authentication-method=normal --skip-test-db --force \
		--innodb-log-file-size=16M --user="$(id -un)" >"$BATS_FILE_TMPDIR/install" 2>&1
}
setup() { real_setup; }
teardown() { real_teardown; }

query() {
	mariadb --no-defaults --socket="$T/sock" --user=root --batch "$@"
}

serve() { # MODE
	local i
	cp -a "$DATA" data
	UP="query -e 'select 1'"
	start_server "$1" mariadbd --no-defaults --datadir="$T/home/data" --socket="$T/sock" --pid-file="$T/pid" \
		--skip-networking --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=0 --user="$(id -un)"
	for i in $(seq "$SECONDS_OF_LOAD"); do
		mysqlslap --no-defaults --socket="$T/sock" --user=root --auto-generate-sql --auto-generate-sql-load-type=mixed \
			--engine=innodb --concurrency=8 --number-of-queries=1500 >"$T/load"
	done
	query >"$T/answers" <<-'END'
		create database d; use d;
		create table t (n int primary key, s varchar(20)) engine=innodb;
		insert into t select seq, concat('row ', seq) from seq_1_to_1000;
		select count(*), sum(n), max(s) from t;
		begin; delete from t where n > 10; rollback;
		select count(*) from t;
		alter table t add index (s);
		check table t;
	END
	same_as_native "$1" "$T/answers"
	stop_server
	if grep -E '\[ERROR\]|signal [0-9]+ ;' "$T/stderr"; then return 1; fi
	check_report "$1" mariadbd
}

@test "mariadbd alone" { serve native; }
@test "mariadbd, audit" { serve audit; }
@test "mariadbd, diagnose" { serve diagnose; }
