# SPDX-License-Identifier: MIT
"""Medians and their order-statistic confidence intervals. Nothing here knows what was measured.

An interval between two order statistics of n independent values holds the median with a probability
that is a binomial sum, whatever the distribution is: no assumption, no random resampling.
"""
from math import comb
from statistics import median


def interval_rank(n, level=0.95):
    """The largest k for which [k-th smallest, k-th largest] holds the median with that probability.

    1 where n is too small for the level (below 6 for 95 %); coverage_of() says what that gives.
    """
    k, below = 1, 1
    while 2 * k < n:
        below += comb(n, k)
        if 2 * below > (1 - level) * 2 ** n:
            break
        k += 1
    return k


def coverage_of(n, level=0.95):
    """The probability with which the interval of n values holds the median."""
    outside = 2 * sum(comb(n, i) for i in range(interval_rank(n, level))) / 2 ** n
    return max(0.0, 1 - outside)


def interval(values, level=0.95):
    """(low, high, coverage reached) for the median of values."""
    ordered = sorted(values)
    k = interval_rank(len(ordered), level)
    return ordered[k - 1], ordered[-k], coverage_of(len(ordered), level)


def pairs(values, base):
    """The rounds that have both, as (value, base); a failed run is None."""
    return [(v, b) for v, b in zip(values, base) if v is not None and b]


def summary(values):
    """{"median", "low", "high", "coverage", "n"} or None where there are no values."""
    values = [v for v in values if v is not None]
    if not values:
        return None
    low, high, coverage = interval(values)
    return {"median": median(values), "low": low, "high": high, "coverage": round(coverage, 4),
            "n": len(values)}
