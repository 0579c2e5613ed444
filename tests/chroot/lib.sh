# SPDX-License-Identifier: MIT
# Helpers of tests/chroot/t_*.sh: minimal Debian chroots, and TAP. Chroots are made once, as directories under $O/chroots, from the
# package sources of this machine with the suite's name changed.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
O=${O:-$ROOT/build}
[ "${O#/}" != "$O" ] || O=$ROOT/$O
LIB=$O/lib/libpitfall.so
CHROOTS=$O/chroots
n=0
failed=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

skip_all() {
	echo "1..0 # skip"
	echo "$1"
	exit 77
}

result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
		sed 's/^/# /' "$T/out" | tail -n 20
	fi
}

finish() {
	echo "1..$n"
	exit $failed
}

needs() {
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	[ -e "$LIB" ] || skip_all "no $LIB: run make first"
	local p
	for p in "$@"; do
		command -v "$p" >/dev/null || skip_all "not installed: $p"
	done
	unset LD_PRELOAD PITFALL_OPTIONS
}

# One stanza, or one line, of this machine's own package sources.
sources_of() { # SUITE
	local from host
	host=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	from=$(grep -lsE "^Suites:.*\b$host\b" /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/*.sources | head -n 1)
	if [ -n "$from" ]; then
		awk -v RS= -v suite="$host" '$0 ~ "Suites:[^\n]*" suite { print; exit }' "$from" |
			sed "s/^Suites:.*/Suites: $1/; s/^Components:.*/Components: main/; /^#/d"
	else
		cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v suite="$host" '$1 == "deb" && $0 ~ " " suite " "' |
			head -n 1 | sed "s/\b$host\b/$1/"
	fi
}

# Makes $CHROOTS/SUITE unless it is there. Fails quietly where packages cannot be had.
make_chroot() { # SUITE [PACKAGE,...]
	local dir=$CHROOTS/$1
	[ ! -e "$dir/.complete" ] || return 0
	mkdir -p "$CHROOTS"
	rm -rf --one-file-system "$dir"
	sources_of "$1" >"$T/sources"
	timeout 240 mmdebstrap --quiet --variant=essential ${2:+--include="$2"} --aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Check-Date "false"' "$1" "$dir" "$T/sources" >"$T/out" 2>&1 </dev/null || {
		rm -rf --one-file-system "$dir"
		return 1
	}
	touch "$dir/.complete"
}
