"""How well earlier forecasts came true, and what later ones learn from it. Pure.

A forecast is resolved when its goal is reached, or for its date and each of its days when that is over. A goal counts
once, however many weeks it was forecast: the mean of its forecasts. One that slips for months is one case, not twenty.

From twenty goals on, the share that was reached by the day of a quantile says which quantile keeps what it promises:
where only 60 of 100 were reached by the day of 85, a higher one is taken. What was seen counts beside `DOUBT` goals
that came as promised, and moves no level by more than `FARTHEST`: the next goals need not be like the last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import fmean

from syncer.report.model.snapshot import Snapshot

LEAST_RESOLVED = 20

LEVELS = (0.50, 0.85, 0.95)

DOUBT = 20
FARTHEST = 0.15
SUREST = 0.99


@dataclass(frozen=True, slots=True)
class Calibration:
    """What became of the forecasts that are resolved."""

    scores: tuple[float, ...]
    """Of each goal with a date: the mean squared difference of its chances and of what came (1 in time, 0 late)."""
    coverage: tuple[float, float, float]
    """The shares of goals that were reached by their days of 50, 85 and 95 in 100."""
    n: int
    """Goals of which a forecast has three resolved days."""

    @property
    def brier(self) -> float:
        """The mean score: 0 is perfect, 0.25 is a coin."""
        return sum(self.scores) / len(self.scores)

    @property
    def learned_from(self) -> int:
        """Of how many outcomes later forecasts learn; 0 where they are too few."""
        return self.n if self.n >= LEAST_RESOLVED else 0

    @property
    def learned(self) -> tuple[float, float, float]:
        """The shares that are counted on; those promised where too little is known."""
        if self.n < LEAST_RESOLVED:
            return LEVELS
        seen = [
            (share * self.n + level * DOUBT) / (self.n + DOUBT)
            for share, level in zip(self.coverage, LEVELS, strict=True)
        ]
        near = [
            min(level + FARTHEST, SUREST, max(level - FARTHEST, share))
            for share, level in zip(seen, LEVELS, strict=True)
        ]
        return near[0], near[1], near[2]

    def level(self, wanted: float) -> float:
        """The quantile of the simulation that is reached in so many cases as is `wanted`."""
        return _between(wanted, (0.0, *self.learned, 1.0), (0.0, *LEVELS, 1.0))

    def chance(self, simulated: float) -> float:
        """The chance that stands behind one that the simulation gave."""
        return _between(simulated, (0.0, *LEVELS, 1.0), (0.0, *self.learned, 1.0))


def calibration(snapshot: Snapshot) -> Calibration:
    """What is known at a moment of the forecasts made before it."""
    made = [one for one in snapshot.forecast_log if one.made_at < snapshot.as_of]
    reached = _reached(snapshot) if made else {}
    scores: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[list[bool]]] = defaultdict(list)
    for one in made:
        day = reached.get(one.goal)
        on_time = None if one.due is None else _by(one.due, day, snapshot.today)
        if one.chance is not None and on_time is not None:
            scores[one.goal].append((one.chance - on_time) ** 2)
        by_days = [_by(level, day, snapshot.today) for level in (one.q50, one.q85, one.q95)]
        if None not in by_days:
            kept[one.goal].append([bool(by_day) for by_day in by_days])
    shares = (_share(list(kept.values()), level) for level in range(len(LEVELS)))
    return Calibration(tuple(map(fmean, scores.values())), (next(shares), next(shares), next(shares)), len(kept))


def _share(kept: Sequence[Sequence[Sequence[bool]]], level: int) -> float:
    """The share of goals that were reached by the days of a level; of each goal that of its forecasts."""
    return fmean(fmean(by_days[level] for by_days in one) for one in kept) if kept else LEVELS[level]


def _reached(snapshot: Snapshot) -> dict[str, date]:
    """The day each goal was reached whose tasks are all done."""
    last: dict[str, datetime | None] = {}
    for task in snapshot.tasks:
        finish = snapshot.finished_at(task)
        for goal in task.goals:
            before = last.get(goal, finish)
            last[goal] = None if finish is None or before is None else max(before, finish)
    zone = snapshot.window.zone
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
