# SPDX-License-Identifier: MIT
"""From samples to rows, and from rows to the table. Runs nothing.

samples: benchmark → variant → one value per round, None where the run failed.
"""
from .stats import pairs, summary
from .targets import SCALING_REFERENCE, targets_of


def _compare(values, base, kind):
    both = pairs(values, base)
    return summary([v - b if kind == "added" else v / b for v, b in both])


def _scaling(samples, name, variant, base):
    """By round: how much worse the variant's ratio is than with one thread."""
    here, there = samples[name], samples.get(SCALING_REFERENCE, {})
    series = (here[variant], here[base], there.get(variant, []), there.get(base, []))
    rounds = [r for r in zip(*series) if all(r)]
    return summary([(v / b) / (v1 / b1) for v, b, v1, b1 in rounds])


def _verdict(result, target):
    """ok or MISSED; with a ? where the next session may well say otherwise.

    That is where the interval holds the bound, or there were too few runs for an interval.
    """
    if target.kind == "least":
        ok = result["median"] >= target.bound
    else:
        ok = result["median"] <= target.bound
    sure = result["coverage"] >= 0.95 and not result["low"] <= target.bound <= result["high"]
    return ("ok" if ok else "MISSED") + ("" if sure else "?")


def rows_of(samples, traces, metrics):
    """One row per benchmark and variant, and one more per target against another base."""
    rows = []
    for name, by_variant in samples.items():
        unit, better = metrics[name]
        for variant, values in by_variant.items():
            row = {"bench": name, "variant": variant, "unit": unit, "better": better,
                   "value": summary(values), "trace_bytes": summary(traces[name][variant])}
            checks = [(t.base, t.kind, t) for t in targets_of(name, variant)]
            plain = any(base == "native" and kind != "scaling" for base, kind, _ in checks)
            if variant != "native" and not plain:
                checks.insert(0, ("native", "added" if unit == "MiB" else "most", None))
            for base, kind, target in checks or [("native", None, None)]:
                rows.append(dict(row, **_check(samples, name, variant, base, kind, target)))
    return rows


def _check(samples, name, variant, base, kind, target):
    if variant == base or kind is None or base not in samples[name]:
        return {"base": None, "kind": None, "ratio": None, "target": None, "verdict": None}
    if kind == "scaling":
        ratio = _scaling(samples, name, variant, base)
    else:
        ratio = _compare(samples[name][variant], samples[name][base], kind)
    verdict = None
    if target:
        verdict = _verdict(ratio, target) if ratio else "not measured"
    return {"base": base, "kind": kind, "ratio": ratio, "target": target.bound if target else None,
            "verdict": verdict}


def _number(x, unit, sign=""):
    if unit == "ns" and abs(x) >= 10000:
        x, unit = x / 1000, "µs"
    digits = 0 if abs(x) >= 1000 else 1 if abs(x) >= 100 or unit == "µs" else 2
    return "%s %s" % (format(x, "%s.%df" % (sign, digits)), unit)


def _ratio(row):
    r = row["ratio"]
    if not r:
        return ""
    if row["kind"] == "added":
        texts = [_number(r[k], row["unit"], "+") for k in ("median", "low", "high")]
        return "%s [%s, %s]" % tuple(texts)
    return "%.3f [%.3f, %.3f]" % (r["median"], r["low"], r["high"])


def _target(row):
    if row["target"] is None:
        return ""
    sign = "≥" if row["kind"] == "least" else "≤"
    if row["kind"] == "added":
        return sign + " " + _number(row["target"], row["unit"])
    return "%s %.2f" % (sign, row["target"])


def _against(row):
    text = {"scaling": "1-thread ratio", "added": "added to " + (row["base"] or "")}
    return text.get(row["kind"], row["base"]) or ""


def table_of(rows):
    """The table as text."""
    head = ("benchmark", "variant", "median", "against", "ratio [95 % interval]", "target", "",
            "trace")
    lines, last = [head], None
    for row in rows:
        first = (row["bench"], row["variant"]) != last
        last = (row["bench"], row["variant"])
        trace = row["trace_bytes"]
        value = _number(row["value"]["median"], row["unit"]) if row["value"] else "FAILED"
        lines.append((row["bench"] if row["variant"] == "native" else "",
                      row["variant"] if first else "", value if first else "", _against(row),
                      _ratio(row), _target(row), row["verdict"] or "",
                      "%.0f KiB" % (trace["median"] / 1024) if trace and first else ""))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    right = (2, 7)
    text = []
    for line in lines:
        cells = [c.rjust(w) if i in right else c.ljust(w)
                 for i, (c, w) in enumerate(zip(line, widths))]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text)
