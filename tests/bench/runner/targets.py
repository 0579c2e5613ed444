# SPDX-License-Identifier: MIT
"""The numbers to reach. One row each; nothing else knows them.

kind: "most"    value / base's value is at most the bound
      "least"   value / base's value is at least the bound
      "added"   value - base's value is at most the bound, in the benchmark's unit
      "scaling" (value / base's value) is at most the bound times the same of private-1
"""
from collections import namedtuple

Target = namedtuple("Target", "bench variant base kind bound")

SCALING_REFERENCE = "private-1"
APPS = ("redis-get", "redis-set", "redis-io-get", "redis-io-set", "memcached", "nginx", "mariadb",
        "pbzip2")


def _table():
    t = []

    def audit(benches, bound, base="native", kind="most"):
        t.extend(Target(b, "audit", base, kind, bound) for b in benches)

    audit(["mutex-pair", "sem-pair"], 1.6)
    audit(["mutex-pair", "sem-pair"], 1.3, base="pass-through")
    audit(["mutex-nested"], 2.0)
    audit(["private-%d" % n for n in (2, 4, 8, 16)], 1.1, kind="scaling")
    audit(["contended-2", "contended-4", "cond-pingpong", "thread-create-join", "open-close"], 1.3)
    audit(["malloc-%d" % n for n in (16, 256, 4096, 65536)], 1.15)
    audit(["walk", "walk-aged"], 1.8)
    audit(["exec-true"], 1e6, kind="added")  # 1 ms more
    audit(APPS, 0.97, kind="least")
    audit(["redis-peak", "redis-io-peak"], 32.0, kind="added")  # MiB
    t.append(Target("mutex-pair", "diagnose", "native", "most", 4.0))
    t.extend(Target(b, "diagnose", "native", "least", 0.80) for b in APPS)
    return t


TARGETS = _table()


def targets_of(bench, variant):
    return [t for t in TARGETS if t.bench == bench and t.variant == variant]
