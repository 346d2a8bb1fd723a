"""How well earlier forecasts came true, and what later ones learn from it. Pure.

A forecast is resolved when its goal is reached, or for its date and each of its days when that is over. From twenty
resolved ones on, the share that was reached by the day of a quantile says which quantile keeps what it promises: where
only 60 of 100 were reached by the day of 85, a higher one is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from syncer.report.metric import Metric, MetricId, Missing, Portion, Unit
from syncer.report.moment import Moment

LEAST_RESOLVED = 20

LEVELS = (0.50, 0.85, 0.95)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What became of the forecasts that are resolved."""

    scores: tuple[float, ...]
    """Of each with a date: the squared difference of its chance and of what came (1 in time, 0 late)."""
    coverage: tuple[float, float, float]
    """The shares that were reached by their days of 50, 85 and 95 in 100."""
    n: int
    """Forecasts whose three days are resolved."""

    @property
    def brier(self) -> float:
        """The mean score: 0 is perfect, 0.25 is a coin."""
        return sum(self.scores) / len(self.scores)

    @property
    def learned_from(self) -> int:
        """Of how many outcomes later forecasts learn; 0 where they are too few."""
        return self.n if self.n >= LEAST_RESOLVED else 0

    def level(self, wanted: float) -> float:
        """The quantile of the simulation that is reached in so many cases as is `wanted`."""
        return wanted if self.n < LEAST_RESOLVED else _between(wanted, (0.0, *self.coverage, 1.0), (0.0, *LEVELS, 1.0))

    def chance(self, simulated: float) -> float:
        """The chance that stands behind one that the simulation gave."""
        if self.n < LEAST_RESOLVED:
            return simulated
        return _between(simulated, (0.0, *LEVELS, 1.0), (0.0, *self.coverage, 1.0))


def calibration(moment: Moment) -> Calibration:
    """What is known at a moment of the forecasts made before it."""
    made = [one for one in moment.forecast_log if one.made_at < moment.as_of]
    reached = _reached(moment) if made else {}
    scores, kept = [], []
    for one in made:
        day = reached.get(one.goal)
        on_time = None if one.due is None else _by(one.due, day, moment.today)
        if one.chance is not None and on_time is not None:
            scores.append((one.chance - on_time) ** 2)
        by_days = [_by(level, day, moment.today) for level in (one.q50, one.q85, one.q95)]
        if None not in by_days:
            kept.append(by_days)
    return Calibration(tuple(scores), (_share(kept, 0), _share(kept, 1), _share(kept, 2)), len(kept))


def calibration_metric(found: Calibration) -> Metric:
    """`forecast_calibration`: the Brier score of the chances, with the shares reached by their days."""
    name = MetricId.FORECAST_CALIBRATION
    if len(found.scores) < LEAST_RESOLVED:
        return Metric(name, None, Unit.INDEX, len(found.scores), missing=Missing.TOO_FEW)
    portions = tuple(
        Portion(f"by_q{round(100 * level)}", share, found.n)
        for level, share in zip(LEVELS, found.coverage, strict=True)
        if found.n >= LEAST_RESOLVED
    )
    return Metric(name, found.brier, Unit.INDEX, len(found.scores), portions=portions)


def _share(kept: Sequence[Sequence[bool | None]], level: int) -> float:
    return sum(bool(by_days[level]) for by_days in kept) / len(kept) if kept else LEVELS[level]


def _reached(moment: Moment) -> dict[str, date]:
    """The day each goal was reached whose tasks are all done."""
    last: dict[str, datetime | None] = {}
    for task in moment.tasks:
        finish = moment.finishes.get(task.id)
        for goal in task.goals:
            before = last.get(goal, finish)
            last[goal] = None if finish is None or before is None else max(before, finish)
    zone = moment.window.zone
    return {goal: at.astimezone(zone).date() for goal, at in last.items() if at is not None}


def _by(day: date, reached: date | None, today: date) -> bool | None:
    """Whether a goal was reached by a day; None while that is open."""
    if reached is not None:
        return reached <= day
    return False if today > day else None


def _between(value: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Straight lines between points whose `xs` do not fall; of equal ones the last counts."""
    for (x0, x1), (y0, y1) in zip(pairwise(xs), pairwise(ys), strict=True):
        if x0 <= value < x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return ys[-1]
