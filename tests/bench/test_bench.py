#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the benchmarks themselves: the arithmetic, the verdicts, the forwarders. No timing.

usage: test_bench.py BUILD   (after `make -C tests/bench O=BUILD`); prints TAP; 1 if one fails.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
from itertools import product

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from runner import apps, stats, table, targets, variants  # noqa: E402

BENCH = os.path.join(os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build"), "bench")
MICRO = os.path.join(BENCH, "micro")
PASSTHROUGH = os.path.join(BENCH, "passthrough.so")


def micro(*args, preload=None):
    env = dict(os.environ, LD_PRELOAD=preload or "")
    return subprocess.run([MICRO, *args], env=env, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def test_interval_by_enumeration():
    """Each value is above or below the median as a coin falls: count the falls that are covered."""
    for n in range(1, 13):
        k = stats.interval_rank(n)
        covered = sum(k <= sum(falls) <= n - k for falls in product((0, 1), repeat=n)) / 2 ** n
        assert abs(covered - stats.coverage_of(n)) < 1e-12, (n, k, covered)
        assert n < 6 or covered >= 0.95, (n, covered)
        tighter = sum(k < sum(falls) < n - k for falls in product((0, 1), repeat=n)) / 2 ** n
        assert tighter < 0.95, "n=%d: a tighter interval would do" % n
    assert stats.interval([9, 1, 5, 3, 7, 2, 8, 4, 6])[:2] == (2, 8)


def verdicts(native, audit, bench="mutex-pair", unit="ns", **more):
    samples = {bench: {"native": native, "pass-through": native, "audit": audit}, **more}
    traces = {b: {v: [None] for v in by} for b, by in samples.items()}
    rows = table.rows_of(samples, traces, {b: (unit, "lower") for b in samples})
    assert table.table_of(rows)
    return [r["verdict"] for r in rows if r["bench"] == bench and r["variant"] == "audit"]


def test_verdicts():
    ten = [10.0] * 9
    assert verdicts(ten, [12.0] * 9) == ["ok", "ok"]
    assert verdicts(ten, [15.0] * 9) == ["ok", "MISSED"]
    assert verdicts(ten, [17.0] * 9) == ["MISSED", "MISSED"]
    wide = [12.0] * 5 + [20.0] * 4
    assert verdicts(ten, wide) == ["ok?", "ok?"]
    assert verdicts(ten[:5], [17.0] * 5) == ["MISSED?", "MISSED?"]
    assert verdicts(ten, [None] * 9) == ["not measured", "not measured"]
    assert verdicts(ten, [9.8] * 9, "nginx", "/s") == ["ok"]
    assert verdicts(ten, [9.6] * 9, "nginx", "/s") == ["MISSED"]
    assert verdicts(ten, [40.0] * 9, "redis-peak", "MiB") == ["ok"]
    assert verdicts(ten, [43.0] * 9, "redis-peak", "MiB") == ["MISSED"]


def test_numbers_are_readable():
    shown = [table._number(*a) for a in ((7.213, "ns"), (575000, "ns"), (-415537, "ns", "+"),
                                         (80000.4, "/s"), (-0.06, "MiB", "+"))]
    assert shown == ["7.21 ns", "575.0 µs", "-415.5 µs", "80000 /s", "-0.06 MiB"], shown


def test_scaling_verdict_is_relative_to_one_thread():
    one = {"private-1": {"native": [8.0] * 9, "audit": [12.0] * 9}}
    four = [4.0] * 9
    # no verdict on the ratio itself (None), one on how it grew
    assert verdicts(four, [6.4] * 9, "private-4", **one) == [None, "ok"]
    assert verdicts(four, [7.0] * 9, "private-4", **one) == [None, "MISSED"]


def test_pairs_are_made_by_round():
    assert stats.pairs([2, None, 6], [1, 2, None]) == [(2, 1)]


def test_every_target_names_a_benchmark():
    class Options:
        quick, build = False, "."
    known = {line.split("\t")[0] for line in micro("--list").stdout.splitlines()}
    assert len(known) >= 20, known
    for app in apps.apps(Options):
        known.update(app.metrics)
    assert {t.bench for t in targets.TARGETS} <= known, {t.bench for t in targets.TARGETS} - known
    assert {t.variant for t in targets.TARGETS} == {"audit", "diagnose"}


def test_every_benchmark_runs_alone_and_forwarded():
    names = [line.split("\t")[0] for line in micro("--list").stdout.splitlines()]
    for name, preload in product(names, (None, PASSTHROUGH)):
        done = micro(name, "1", preload=preload)
        want = '"lock_from":"%s"' % ("passthrough.so" if preload else "libc.so.6")
        assert done.returncode == 0 and want in done.stdout, (name, done.stdout)


def test_forwarders_are_tail_calls():
    """On x86-64 each exported wrapper is one indirect jump, or it is not the cheapest."""
    if os.uname().machine != "x86_64":
        return "only for x86-64"
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", PASSTHROUGH], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    bodies = re.findall(r"^[0-9a-f]+ <(\w+)>:\n\s*[0-9a-f]+:\s*(.*)$", text, re.M)
    first = dict(bodies)
    symbols = subprocess.run(["nm", "-D", "--defined-only", PASSTHROUGH], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    exported = re.findall(r" T (\w+)$", symbols, re.M)
    assert len(exported) >= 20, exported
    for name in exported:
        assert re.match(r"jmp +\*.*<real_%s>" % name, first[name]), (name, first[name])
    return None


def test_condvars_are_the_new_ones():
    done = subprocess.run([MICRO, "cond-pingpong", "1"], check=True, text=True,
                          env=dict(os.environ, LD_PRELOAD=PASSTHROUGH, LD_DEBUG="bindings"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stderr
    bound = re.findall(r"passthrough\.so \[0\] to .*`pthread_cond_wait'(?: \[(\w[\w.]*)\])?", done)
    assert bound and bound[0] not in ("", "GLIBC_2.2.5"), bound


def test_a_server_that_fails_is_named():
    run = variants.Run(variants.Variant("native"))
    with run:
        try:
            with variants.server(run, ["/bin/sh", "-c", "echo no such luck; exit 3"], run.dir):
                raise AssertionError("it came up")
        except variants.BenchError as e:
            assert "no such luck" in str(e), e
    assert not os.path.exists(run.dir)


def gone(pid):
    """Killed: the kernel may take a moment to take it down."""
    for _ in range(500):
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii") as f:
                if f.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_a_server_that_ignores_term_is_ended():
    """It and its child, and the run is told that this was not clean."""
    with tempfile.TemporaryDirectory() as d:
        fifo = os.path.join(d, "ready")
        os.mkfifo(fifo)
        script = "trap '' TERM; sleep 1000 & echo $! > %s; while :; do wait; done" % fifo
        proc = subprocess.Popen(["/bin/sh", "-c", script])
        with open(fifo, encoding="ascii") as f:
            child = int(f.read())
        assert variants.end(proc, patience=0.2) is False
        assert proc.returncode == -9
        assert gone(child)


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print("1..%d" % len(tests))
    for i, (name, test) in enumerate(tests, 1):
        try:
            skip = test()
            print("ok %d - %s%s" % (i, name, " # SKIP " + skip if skip else ""))
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            text = "%s: %s" % (type(e).__name__, e)
            print("not ok %d - %s\n# %s" % (i, name, text.replace("\n", "\n# ")))
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
