"""Estimates with the uncertainty they have: shares, quantiles, waiting times that are not over yet, inequality. Pure.

Why these: order statistics need no assumption about the shape of durations and are exact; Wilson's interval stays in
0..1 and holds for few observations; Kaplan and Meier count what still waits instead of leaving it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, exp, lgamma, log, sqrt

CONFIDENCE = 0.95
_Z = 1.959963984540054
"""The normal quantile of (1 + CONFIDENCE) / 2."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies, with a confidence of 95 %. `high` is None where the data sets no upper bound."""

    low: float
    high: float | None

    def __contains__(self, value: float) -> bool:
        return self.low <= value and (self.high is None or value <= self.high)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest observed value that at least `share` of the (sorted, not empty) values do not exceed."""
    return ordered[max(0, ceil(share * len(ordered) - 1e-9) - 1)]


def quantile_interval(ordered: Sequence[float], share: float) -> Interval | None:
    """The narrowest pair of order statistics that covers the quantile; None when there are too few values.

    For the median that takes 6 values, for the 85th percentile 19. Between equally narrow pairs the one with the higher
    coverage is taken. `ordered` is sorted.
    """
    n = len(ordered)
    chances = _binomial(n, share)
    best: tuple[int, float, int] | None = None
    low, covered = 1, 0.0
    for high in range(2, n + 1):
        covered += chances[high - 1]  # Of l to h - 1 values below the quantile: then it lies between both.
        while low + 1 < high and covered - chances[low] >= CONFIDENCE:
            covered -= chances[low]
            low += 1
        if covered >= CONFIDENCE and (best is None or (high - low, -covered) < best[:2]):
            best = (high - low, -covered, low)
    return None if best is None else Interval(ordered[best[2] - 1], ordered[best[2] + best[0] - 1])


def wilson(hits: int, n: int) -> Interval | None:
    """Wilson's score interval of a share; None of nothing. E. B. Wilson, J. Am. Stat. Assoc. 22 (1927)."""
    if n == 0:
        return None
    share = hits / n
    spread = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    middle, scale = share + _Z * _Z / (2 * n), 1 + _Z * _Z / n
    return Interval(
        0.0 if hits == 0 else max(0.0, (middle - spread) / scale),
        1.0 if hits == n else min(1.0, (middle + spread) / scale),
    )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something took, or has taken so far when it is not `over`."""

    length: float
    over: bool


def median_wait(waits: Sequence[Wait]) -> tuple[float | None, Interval | None]:
    """The Kaplan-Meier median and its interval by the log-log transformed Greenwood variance.

    None when so few have ended that the median is not reached. E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53 (1958);
    R. Brookmeyer, J. Crowley, Biometrics 38 (1982).
    """
    surviving, variance, waiting = 1.0, 0.0, len(waits)
    median = low = high = None
    for length, group in groupby(sorted(waits, key=lambda wait: wait.length), key=lambda wait: wait.length):
        members = list(group)
        ended = sum(wait.over for wait in members)
        if ended:
            surviving *= 1 - ended / waiting
            variance += ended / (waiting * (waiting - ended)) if waiting > ended else 0.0
            below, above = _survival_bounds(surviving, variance)
            median = length if median is None and surviving <= 0.5 + 1e-12 else median
            low = length if low is None and below <= 0.5 else low
            high = length if high is None and above <= 0.5 else high
        waiting -= len(members)
    return median, None if low is None or median is None else Interval(low, high)


def gini(amounts: Sequence[float]) -> float | None:
    """How unequal amounts are, 0 (equal) to 1, corrected for their number; None under four or when all are 0."""
    n, total = len(amounts), sum(amounts)
    if n < 4 or total <= 0:
        return None
    weighted = sum((2 * rank - n - 1) * amount for rank, amount in enumerate(sorted(amounts), 1))
    return weighted / (n * total) * n / (n - 1)


def _survival_bounds(surviving: float, variance: float) -> tuple[float, float]:
    if surviving <= 0.0:
        return 0.0, 0.0
    if surviving >= 1.0:
        return 1.0, 1.0
    spread = _Z * sqrt(variance) / abs(log(surviving))
    return surviving ** exp(spread), surviving ** exp(-spread)


def _binomial(n: int, share: float) -> list[float]:
    """The chance of each number of successes, 0 to n."""
    if n == 0:
        return [1.0]
    hit, miss, whole = log(share), log(1 - share), lgamma(n + 1)
    return [exp(whole - lgamma(k + 1) - lgamma(n - k + 1) + k * hit + (n - k) * miss) for k in range(n + 1)]
