"""Each estimate against scipy, and bounds that hold whatever the data."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.report.statistics import Wait, gini, median_wait, quantile, quantile_interval, wilson

stats = pytest.importorskip("scipy.stats", reason="scipy, the second computation, is not installed")

lengths = st.floats(min_value=0.01, max_value=1e4, allow_nan=False)


@given(st.lists(lengths, min_size=1, max_size=60).map(sorted), st.sampled_from([0.5, 0.85, 0.95]))
def test_a_quantile_is_numpys_inverted_distribution(values: list[float], share: float) -> None:
    assert quantile(values, share) == np.quantile(values, share, method="inverted_cdf")


@pytest.mark.parametrize(("share", "least"), [(0.5, 6), (0.85, 19), (0.95, 59)])
def test_an_interval_needs_so_many_values(share: float, least: int) -> None:
    assert quantile_interval(list(range(least - 1)), share) is None
    assert quantile_interval(list(range(least)), share) is not None


@pytest.mark.parametrize("share", [0.5, 0.85])
@pytest.mark.parametrize("n", [19, 25, 40, 113])
def test_the_ranks_of_an_interval_cover_the_quantile(n: int, share: float) -> None:
    """By scipy: coverage of at least 95 %, and no narrower pair of ranks has it."""
    found = quantile_interval(list(range(1, n + 1)), share)
    assert found is not None
    assert found.high is not None
    low, high = int(found.low), int(found.high)

    def coverage(first: int, last: int) -> float:
        return float(stats.binom.cdf(last - 1, n, share) - stats.binom.cdf(first - 1, n, share))

    assert coverage(low, high) >= 0.95
    width = high - low
    assert all(coverage(first, first + width - 1) < 0.95 for first in range(1, n - width + 2))


@given(st.integers(min_value=1, max_value=400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys(counts: tuple[int, int]) -> None:
    hits, n = counts
    expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
    found = wilson(hits, n)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=2, max_size=40))
def test_the_median_of_waits_is_scipys(observed: list[tuple[int, bool]]) -> None:
    ended = [length for length, over in observed if over]
    waiting = [length for length, over in observed if not over]
    median, interval = median_wait([Wait(float(length), over) for length, over in observed])
    if not ended:
        assert median is None
        return
    curve = stats.ecdf(stats.CensoredData(uncensored=ended, right=waiting)).sf
    below = [time for time, left in zip(curve.quantiles, curve.probabilities, strict=True) if left <= 0.5 + 1e-12]
    assert median == (below[0] if below else None)
    if interval is not None:
        assert interval.low <= (median or inf) <= (interval.high or inf)


def test_the_interval_of_a_median_wait_is_that_of_the_log_log_band() -> None:
    lengths = [3, 5, 7, 8, 12, 13, 14, 16, 18, 21, 24, 30]
    over = [True, True, False, True, True, True, False, True, True, True, True, False]
    _, interval = median_wait([Wait(float(one), ended) for one, ended in zip(lengths, over, strict=True)])
    data = stats.CensoredData.right_censored(np.array(lengths, dtype=float), np.logical_not(over))
    curve = stats.ecdf(data).sf
    band = curve.confidence_interval(method="log-log")
    low = next(t for t, p in zip(curve.quantiles, band.low.probabilities, strict=True) if p <= 0.5)
    high = next((t for t, p in zip(curve.quantiles, band.high.probabilities, strict=True) if p <= 0.5), None)
    assert interval is not None
    assert (interval.low, interval.high) == (low, high)


@given(st.lists(lengths, min_size=4, max_size=30))
def test_inequality_is_that_of_mean_differences(amounts: list[float]) -> None:
    n = len(amounts)
    pairs = sum(abs(a - b) for a in amounts for b in amounts)
    expected = pairs / (2 * n * n * (sum(amounts) / n)) * n / (n - 1)
    found = gini(amounts)
    assert found is not None
    assert found == pytest.approx(expected, abs=1e-9)
    assert -1e-9 <= found <= 1 + 1e-9


def test_inequality_of_few_or_of_nothing_is_not_told() -> None:
    assert gini([1, 2, 3]) is None
    assert gini([0, 0, 0, 0]) is None
