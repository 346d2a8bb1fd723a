"""The figures of a week, by theme: each module takes the collaboration at a moment and returns its metrics. Pure.

Rules that hold for all: no share under ten observations, no interval where order statistics give none, what is still
open is counted as not over yet and never left out, our own writes and bots are nobody's activity, no person is ranked.
Rates and durations look back 28 days; durations are calendar time.
"""

from syncer.report.metrics import communication as talk
from syncer.report.metrics import distribution as staffing
from syncer.report.metrics import estimates, feasibility, flow, punctuality, quality, review, smoothness
from syncer.report.metrics import rework as returns
from syncer.report.metrics import workload as capacity
from syncer.report.metrics.building import Metrics
from syncer.report.model.snapshot import Snapshot

__all__ = ["measured"]

_THEMES = (punctuality, quality, returns, flow, estimates, smoothness, review, talk, staffing, capacity, feasibility)


def measured(snapshot: Snapshot) -> Metrics:
    """All figures that can be told of the tasks at a moment, `previous` left out."""
    return tuple(metric for theme in _THEMES for metric in theme.metrics(snapshot))
