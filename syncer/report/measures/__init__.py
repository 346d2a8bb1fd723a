"""The figures of a week, by theme: each module takes the collaboration at a moment and returns its metrics. Pure.

Rules that hold for all: no share under ten observations, no interval where order statistics give none, what is still
open is counted as not over yet and never left out, our own writes and bots are nobody's activity, no person is ranked.
Rates and durations look back 28 days; durations are calendar time.
"""

from syncer.report.measures import (
    capacity,
    estimates,
    feasibility,
    flow,
    punctuality,
    quality,
    returns,
    review,
    smoothness,
    staffing,
    talk,
)
from syncer.report.measures.figure import Metrics
from syncer.report.moment import Moment

__all__ = ["measured"]

_THEMES = (punctuality, quality, returns, flow, estimates, smoothness, review, talk, staffing, capacity, feasibility)


def measured(moment: Moment) -> Metrics:
    """All figures that can be told of the tasks at a moment, `previous` left out."""
    return tuple(metric for theme in _THEMES for metric in theme.metrics(moment))
