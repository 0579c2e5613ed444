#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# scripts/catalogue must fail when anything is not as it has to be. A stub stands for pitfall: it runs
# the program and writes the report that $STUB asks for, right in everything else.

setup() {
	catalogue=$BATS_TEST_DIRNAME/../scripts/catalogue
	top=$BATS_TEST_TMPDIR
	sample=$top/samples/90-lost-sock
	export O=$top/build
	unset STUB
	mkdir -p "$O/bin" "$sample" "$top/programs/90-lost-sock"
	cat >"$sample/buggy.c" <<-'END'
		#include <stdio.h>
		int wash(void)
		{
			return puts("washed"); /* one sock */
		}
		int main(void)
		{
			return wash() < 0 ? 2 : 3;
		}
	END
	sed 's/2 : 3/2 : 0/' "$sample/buggy.c" >"$sample/fixed.c"
	cat >"$sample/expect.json" <<-'END'
		{ "rule": "lost-sock", "pitfall": 90, "severity": ["warning"], "confidence": ["likely"],
		  "where": { "function": "wash", "file": "buggy.c", "line-of": "puts(" },
		  "modes": ["audit", "diagnose"], "evidence": ["\\b1 of 2\\b"] }
	END
	write_stub >"$O/bin/pitfall"
	chmod +x "$O/bin/pitfall"
}

write_stub() {
	cat <<-'END'
		#!/usr/bin/env python3
		import json, os, subprocess, sys
		args = sys.argv[1:]
		assert args[0] == "run", args
		cut = args.index("--")
		options, program = args[1:cut], args[cut + 1:]
		value = lambda name: options[options.index(name) + 1]
		assert value("-f") == "json"
		stub, mode = os.environ.get("STUB", "").split(), value("--mode")
		name = os.path.basename(program[0])
		if "busy" in stub:
		    parent = f"/proc/{os.getppid()}/task/{os.getppid()}/children"
		    loops = [pid for pid in open(parent).read().split() if int(pid) != os.getpid()]
		    open(os.environ["O"] + "/busy", "a").write("".join(pid + "\n" for pid in loops))
		done = subprocess.run(program, stdout=subprocess.PIPE)
		out = done.stdout + (b"noise" if "noise" in stub else b"")
		sys.stdout.buffer.write(out)
		frame = {"function": "wash", "file": "/src/buggy.c", "line": 4, "module": name, "offset": 17}
		if "line" in stub: frame["line"] = 5
		if "function" in stub: frame["function"] = "main"
		if "file" in stub: frame["file"] = "/src/other.c"
		def diagnosis(rule, severity):
		    return {"process": 0, "rule": rule, "pitfall": 90, "family": "leak", "severity": severity,
		            "confidence": "likely", "title": "Lost sock", "what": "A sock is lost.", "why": "",
		            "fix": "", "count": 1, "objects": [], "threads": [], "fingerprint": "ab",
		            "evidence": [{"t": 0.1, "thread": 1, "what": "1 of 2 came back", "stack": [frame]}]}
		found = []
		if "buggy" in name or "speak" in stub:
		    found.append(diagnosis("lost-sock", "warning"))
		for found_one in found:
		    if "rule" in stub: found_one["rule"] = "other-rule"
		    if "number" in stub: found_one["pitfall"] = 91
		    if "severity" in stub: found_one["severity"] = "note"
		    if "confidence" in stub: found_one["confidence"] = "suspected"
		    if "evidence" in stub: found_one["evidence"][0]["what"] = "11 of 22"
		    if "malformed" in stub: del found_one["fingerprint"]
		    if "print" in stub: found_one["fingerprint"] = str(os.getpid())
		if "missing" in stub: found = []
		if "twice" in stub: found *= 2
		if "extra" in stub: found.append(diagnosis("other-rule", "warning"))
		if "chatty" in stub: found.append(diagnosis("other-rule", "note"))
		if "dirty" in stub and "fixed" in name: found.append(diagnosis("lost-sock", "error"))
		if "audit-only" in stub and mode != "audit": found = []
		coverage = {"observed": "unobserved" not in stub, "why": None, "mode": mode, "dropped_events": 0,
		            "blind": [{"rule": "lost-sock", "why": "dark"}] if "blind" in stub else []}
		if "mode" in stub: coverage["mode"] = "other"
		if "dropped" in stub: coverage["dropped_events"] = 7
		count = lambda s: sum(d["severity"] == s for d in found)
		report = {"schema": "pitfall-report/1", "diagnoses": found,
		          "processes": [] if "nobody" in stub else [{"program": name, "coverage": coverage}],
		          "summary": {"errors": count("error") + ("summary" in stub), "warnings": count("warning"),
		                      "notes": count("note"), "suppressed": 0, "dropped_events": 0}}
		if "silent" not in stub:
		    with open(value("--report"), "w") as file:
		        file.write("{" if "torn" in stub else json.dumps(report))
		sys.exit(5 if "status" in stub else done.returncode)
	END
}

look() {
	run "$catalogue" --samples "$top/samples" "$@"
}

# $1: how the stub misbehaves, $2: what the script has to say about it, $3...: other than --mode audit
wrong() {
	local stub=$1 text=$2
	shift 2
	[ $# -gt 0 ] || set -- --mode audit
	STUB=$stub look "$@"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"$text"* ]]
	[[ $output != *Traceback* ]]
}

@test "passes on right diagnoses and clean twins, one row a mode" {
	look
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"2 rows, 0 wrong"* ]]
	[ "$(grep -cE '^90 +lost-sock +(audit|diagnose) +warning +yes +yes +[0-9.]+ s$' <<<"$output")" -eq 2 ]
}

@test "notes of other rules do no harm" {
	STUB=chatty look
	[ "$status" -eq 0 ]
}

@test "fails on a diagnosis that is another one than expected" {
	wrong rule "unexpected warning other-rule"
	wrong number "pitfall is 91, not 90"
	wrong severity "severity is note, not warning"
	wrong confidence "confidence is suspected"
	wrong evidence "no text has"
	wrong extra "unexpected warning other-rule"
	wrong twice "2 diagnoses of lost-sock"
}

@test "fails on a diagnosis that names another place" {
	wrong line "names no wash buggy.c:4"
	wrong function "it names main buggy.c:4"
	wrong file "it names wash other.c:4"
}

@test "fails on a missing diagnosis, in one mode too" {
	wrong missing "0 diagnoses of lost-sock; the report has nothing"
	wrong audit-only "2 rows, 1 wrong" --repeat 1
}

@test "fails on a dirty twin" {
	wrong dirty "fixed.c, run 1: unexpected error lost-sock" --repeat 1
	[ "$(grep -cE '^90 .* yes +NO ' <<<"$output")" -eq 2 ]
}

@test "fails when the program behaves otherwise than alone" {
	wrong status "exit status 5, alone 3"
	wrong noise "standard output"
}

@test "fails on a report that looked at nothing, or not at everything" {
	wrong nobody "knows no process"
	wrong unobserved "was not observed"
	wrong blind "was blind: dark"
	wrong mode "observed in mode 'other'"
	wrong dropped "7 events dropped"
}

@test "fails on a report that is missing or malformed" {
	wrong silent "no report was written"
	wrong torn "the report is no JSON"
	wrong malformed "has no fingerprint"
	wrong summary "summary says 1 errors, list has 0"
}

@test "fails when the repaired twin fails alone" {
	sed -i 's/2 : 0/2 : 4/' "$sample/fixed.c"
	wrong "" "alone, it exits with 4"
}

@test "fails when a sample can't be built or its expectation not be read" {
	sed -i 's/puts/put_s/' "$sample/buggy.c"
	wrong "" "no line of buggy.c has"
	sed -i 's/puts(/put_s(/' "$sample/expect.json"
	wrong "" "buggy.c doesn't compile"
	sed -i 's/"pitfall"/"pit"/' "$sample/expect.json"
	wrong "" "expect.json: keys ['pit', 'pitfall']"
	echo "{" >"$sample/expect.json"
	wrong "" "90-lost-sock"
}

@test "fails when it looked at nothing" {
	look --mode audit
	[ "$status" -eq 0 ]
	look 12
	[ "$status" -eq 1 ]
	[[ $output == *"there is no number 12"* && $output == *"nothing was looked at"* ]]
	sed -i 's/"audit", //' "$sample/expect.json"
	look --mode audit
	[ "$status" -eq 1 ]
	[[ $output == *"nothing was looked at"* ]]
	rm -r "$sample"
	look
	[ "$status" -eq 1 ]
	[[ $output == *"nothing was looked at"* ]]
	rm "$O/bin/pitfall"
	look
	[ "$status" -eq 1 ]
}

@test "wrong usage is 2" {
	look twelve
	[ "$status" -eq 2 ]
	look --repeat 0
	[ "$status" -eq 2 ]
}

@test "repeats, and wants one fingerprint" {
	look --repeat 3 --mode diagnose
	[ "$status" -eq 0 ]
	[[ $output == *"3/3"* ]]
	STUB=print look --repeat 2 --mode audit
	[ "$status" -eq 1 ]
	[[ $output == *"fingerprints differ"* ]]
}

@test "ends a program that hangs" {
	sed -i 's/^int main/#include <unistd.h>\nint main/; s/return wash/pause(); return wash/' "$sample/fixed.c"
	look --timeout 1 --mode audit
	[ "$status" -eq 1 ]
	[[ $output == *"fixed.c, run 1: still running after 1 s"* ]]
}

@test "--load keeps two children busy and ends them" {
	STUB=busy look --load --mode audit
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(sort -u "$O/busy" | wc -l)" -eq 2 ]
	while read -r pid; do
		[ ! -e "/proc/$pid" ]
	done <"$O/busy"
}

@test "--programs: expected rules, clean ones, and comments that say nothing" {
	programs=$top/programs/90-lost-sock
	printf '/* SPDX */\n/* expect: lost-sock warning */\nint main(void) { return 0; }\n' >"$programs/buggy.c"
	printf '/* SPDX */\n/* expect: clean */\nint main() { return 0; }\n' >"$programs/near.cc"
	run "$catalogue" --programs --samples "$top/programs"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"4 rows, 0 wrong"* ]]
	STUB=speak run "$catalogue" --programs --samples "$top/programs"
	[ "$status" -eq 1 ]
	[[ $output == *"near.cc, run 1: unexpected warning lost-sock"* && $output == *"4 rows, 2 wrong"* ]]
	STUB=blind run "$catalogue" --programs --samples "$top/programs"
	[[ $output == *"4 rows, 4 wrong"* ]]
	sed -i 's/clean/probably fine/' "$programs/near.cc"
	run "$catalogue" --programs --samples "$top/programs"
	[ "$status" -eq 1 ]
	[[ $output == *"can't be understood"* ]]
	sed -i 's/return 0/return 1/' "$programs/buggy.c"
	run "$catalogue" --programs --samples "$top/programs"
	[ "$status" -eq 1 ]
	[[ $output == *"alone, it exits with 1"* ]]
}
