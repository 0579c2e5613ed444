#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Growth, as a snapshot of the running process tells it: windows of one second instead of ten minutes, and ten of them.
load lib.sh

setup_file() { whole_setup_file leaks; }
setup() {
	whole_setup
	mkfifo "$T/go"
}
teardown() { whole_teardown; }

begin() { # KIND...
	local k
	for k in "$@"; do
		PITFALL_OPTIONS=growth_window=1:output=$T/$k LD_PRELOAD=$LIB "$BIN/leaks" "$k" 10 <"$T/go" >"$T/$k.out" 2>&1 3>&- 4>&- &
		started="$started $!"
	done
	exec 9>"$T/go"
}
# Waits until KIND is ready, and looks: exactly this is said, notes apart.
finds() { # KIND [RULE SEVERITY]...
	local k=$1
	shift
	for _ in $(seq 600); do
		grep -q ready "$T/$k.out" && break
		sleep 0.05
	done
	"$PITFALL" snapshot -f json -o "$T/$k.json" "$(sed -n 's/^ready //p' "$T/$k.out")"
	jq -e '.processes[0].ended == "running"' "$T/$k.json"
	diff <([ $# -eq 0 ] || printf '%s %s\n' "$@") <(jq -r '.diagnoses[] | select(.severity != "note") | "\(.rule) \(.severity)"' "$T/$k.json")
}

@test "what grows is told while it runs; what levels off, saws or turns over is not" {
	begin fd thread timer plateau saw turnover
	finds fd descriptor-leak error descriptor-exhaustion warning
	finds thread unjoined-thread warning
	finds timer forgotten-cancel warning
	finds plateau
	finds saw
	finds turnover
}
