#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is known and accepted, with whole programs: entries that pitfall writes itself, baselines, their exit statuses; pictures.
load lib.sh

setup_file() { whole_setup_file known; }
setup() { whole_setup; }
teardown() { whole_teardown; }

observe() { # OPTION... -- KIND...: $rc, the report in $T/report.json
	local -a options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rc=0
	"$PITFALL" run --report "$T/report.json" "${options[@]}" -- "$BIN/known" "$@" >"$T/out" 2>"$T/err" || rc=$?
	cat "$T/err"
}

unlocks() { # the functions that unlock, of the report
	jq -r '.diagnoses[] | select(.rule == "unlock-by-other-thread") | .evidence[].stack[].function | select(IN("owner", "stranger"))' \
		"$T/report.json" | sort -u | xargs
}

@test "generated suppressions, fed back, suppress exactly what they were made for" {
	"$PITFALL" run --gen-suppressions -- "$BIN/known" owner 2>"$T/known.txt"
	cat "$T/known.txt"
	grep -q '^# error: .*owner' "$T/known.txt"
	[ "$(grep -c '^rule=unlock-by-other-thread ' "$T/known.txt")" -eq 1 ]
	observe --error-exitcode 9 --suppressions "$T/known.txt" -- owner
	[ $rc -eq 0 ]
	[ ! -s "$T/err" ]
	jq -e '.summary | .errors == 0 and .suppressed == 1' "$T/report.json"
	observe --error-exitcode 9 --suppressions "$T/known.txt" -- owner stranger
	[ $rc -eq 9 ]
	[ "$(unlocks)" = stranger ]
}

@test "report prints them, too, to where it is told" {
	"$PITFALL" run -o "$T/trace" -- "$BIN/known" owner stranger 2>"$T/err"
	"$PITFALL" report --gen-suppressions -o "$T/known.txt" "$T/trace"
	[ "$(grep -c '^rule=unlock-by-other-thread ' "$T/known.txt")" -eq 2 ]
	"$PITFALL" report --suppressions "$T/known.txt" --error-exitcode 9 -f json -o "$T/report.json" "$T/trace"
	jq -e '.summary | .errors == 0 and .suppressed == 2' "$T/report.json"
}

@test "an unused entry is a note, once" {
	printf 'unlock-by-other-thread\nrule=no-such function=f\n' >"$T/known.txt"
	observe --suppressions "$T/known.txt" -- owner stranger
	[ $rc -eq 0 ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	grep -q "known.txt:2: note: nothing was suppressed by 'rule=no-such function=f'" "$T/err"
}

@test "a bad suppression stops run before the program starts" {
	printf '# mine\nfunction=f\ncolour=red\n' >"$T/known.txt"
	rc=0
	"$PITFALL" run --suppressions "$T/known.txt" -- touch "$T/started" 2>"$T/err" || rc=$?
	cat "$T/err"
	[ $rc -eq 125 ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	grep -q "known.txt:3: 'colour=red'" "$T/err"
	[ ! -e "$T/started" ]
}

@test "a baseline: only what is new is reported and counts" {
	observe -- owner
	mv "$T/report.json" "$T/old.json"
	observe --baseline "$T/old.json" --error-exitcode 9 -- owner
	[ $rc -eq 0 ]
	jq -e '.diagnoses == [] and .summary.known == 1 and .summary.errors == 0' "$T/report.json"
	observe --baseline "$T/old.json" --error-exitcode 9 -- owner stranger
	[ $rc -eq 9 ]
	jq -e '.summary.known == 1 and .summary.errors == 1' "$T/report.json"
	[ "$(unlocks)" = stranger ]
	"$PITFALL" run -o "$T/trace" -- "$BIN/known" owner 2>"$T/err"
	"$PITFALL" report --baseline "$T/old.json" --error-exitcode 9 "$T/trace" | tee "$T/text"
	grep -q '^pitfall: nothing new found in known .*, 1 known$' "$T/text"
}

@test "a missing or broken baseline: one line and 125, and nothing starts" {
	echo '{"schema":"other"}' >"$T/other.json"
	for file in "$T/none.json" "$T/other.json" "$BIN/known" "$T"; do
		for command in "run --baseline $file -- touch $T/started" "report --baseline $file $T"; do
			rc=0
			"$PITFALL" $command >"$T/out" 2>"$T/err" || rc=$?
			echo "$command: $rc"
			cat "$T/err"
			[ $rc -eq 125 ]
			[ "$(wc -l <"$T/err")" -eq 1 ]
			grep -q "$file.*no baseline: " "$T/err"
			[ ! -s "$T/out" ]
			[ ! -e "$T/started" ]
		done
	done
}

@test "a deadlock that is suppressed is not shouted about" {
	echo 'deadlock function=one_way' >"$T/known.txt"
	observe --timeout 3 -- ring
	[ $rc -eq 124 ]
	grep -q 'is in a deadlock' "$T/err"
	observe --timeout 3 --suppressions "$T/known.txt" -- ring
	[ $rc -eq 124 ]
	if grep -q 'deadlock' "$T/err"; then return 1; fi
	jq -e '.summary.errors == 0 and .summary.suppressed == 1' "$T/report.json"
}

@test "a deadlock as text and as pictures" {
	rc=0
	"$PITFALL" run --timeout 2 -o "$T/trace" --report "$T/ring.svg" -- "$BIN/known" ring 2>"$T/err" || rc=$?
	[ $rc -eq 124 ]
	python3 - "$T/ring.svg" <<-'END'
		import sys, xml.etree.ElementTree as tree
		svg = tree.parse(sys.argv[1]).getroot()
		assert svg.tag.endswith("svg"), svg.tag
		words = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")]
		for word in ("mutex 'held'", "mutex 'other'", "the main thread"):
		    assert word in words, (word, words)
	END
	"$PITFALL" report -f dot "$T/trace" >"$T/ring.dot"
	head -n 1 "$T/ring.dot" | grep -q '^digraph'
	[ "$(grep -c ' -> ' "$T/ring.dot")" -ge 5 ]
	"$PITFALL" report "$T/trace" >"$T/text"
	grep -A4 '^Who waits for whom in known' "$T/text"
	grep -q "^  \* thread 2.* waits for mutex 'other', held by thread 3" "$T/text"
	grep -q "^  \* thread 3.* waits for mutex 'held', held by thread 2" "$T/text"
	grep -q "^    the main thread waits for the end of thread 2" "$T/text"
}
