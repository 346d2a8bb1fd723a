"""How long something still takes, drawn from how long it took before. Pure: the dice are an argument.

Why not simply one of the times that were seen:

- What is still going on tells that some things take longer. It counts as not yet ended (Kaplan and Meier 1958), else
  only the quick ones would be drawn from.
- A few times are not the truth: each trial weighs them anew (the Bayesian bootstrap, Rubin 1981), so that a forecast
  from ten is wider than one from a hundred.
- n times part all there could be into n + 1 spans, and the next is in each of them as often (Pyke 1965): between two
  that were seen, or longer than all before. How much longer is drawn from a Pareto tail, as steep as the longest times
  suggest (Hill 1975). What is older than all that was seen draws from that tail too: the older, the longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

MOST_ATOMS = 64
"""Of more times only so many quantiles are kept, each with the weight of those it stands for."""

TAIL = 4.0
"""The exponent of the tail where nothing is known of it, which counts as `PRIOR` long times."""

PRIOR = 5.0
FLATTEST, STEEPEST = 2.0, 6.0

FRESH = 48
"""Times of something new that are kept ready in each trial."""

LEAST = 1 / 24
"""Days; what was over at once may last an hour."""


class Durations:
    """Times in days, weighed anew for each trial."""

    def __init__(self, ended: Sequence[float], going: Sequence[float], trials: int, dice: np.random.Generator) -> None:
        import numpy as np

        self.n = len(ended)
        self._trials, self._dice = trials, dice
        self._times, sizes, ends = _atoms(ended, going)
        weights = dice.standard_gamma(np.repeat(sizes[:, None], trials, axis=1))
        beyond = dice.standard_gamma(1.0, size=trials)
        at_risk = np.cumsum(weights[::-1], axis=0, dtype=np.float64)[::-1] + beyond
        lasting = np.cumprod(1.0 - np.where(ends[:, None], weights / at_risk, 0.0), axis=0)
        self._over: Trials = np.asarray(1.0 - lasting, dtype=np.float64)
        """By each of the times, the share that is over."""
        # One sorted row for all trials, each raised by its number, is searched much faster than each of them.
        self._searched: Trials = (self._over.T + np.arange(trials)[:, None]).ravel()
        self._columns = np.arange(trials)
        earlier = np.maximum.accumulate(np.where(ends, self._times, 0.0))
        self._before = np.concatenate(([0.0], earlier))[: len(self._times)]
        """By each of the times, the longest of those before it that ended."""
        self._exponent = _exponent(sorted(ended), going)
        shares = (np.arange(FRESH)[:, None] + dice.random((FRESH, trials))) / FRESH
        self._fresh = self._drawn(shares, 0.0)

    def draw(self, age: float = 0.0) -> Trials:
        """The days that something of an age still takes."""
        import numpy as np

        if age <= 0:
            chosen = self._dice.integers(FRESH, size=self._trials, dtype=np.int32)
            new: Trials = self._fresh.take(chosen * self._trials + self._columns)
            return new
        before = int(np.searchsorted(self._times, age, side="right"))
        gone = self._over[before - 1] if before else 0.0
        return self._drawn(gone + (1.0 - gone) * self._dice.random(self._trials), age) - age

    def _drawn(self, shares: Trials, age: float) -> Trials:
        """The times by which these shares are over."""
        import numpy as np

        many = len(self._times)
        place = np.searchsorted(self._searched, shares + self._columns, side="right") - many * self._columns
        longest = max(age, LEAST, float(self._times[-1]) if many else 0.0)
        upper: Trials = np.append(self._times, longest)[place]
        lower = np.maximum(age, np.append(self._before, longest)[place])
        drawn: Trials = lower + (upper - lower) * self._dice.random(shares.shape)
        tail = place == many
        drawn[tail] *= (1.0 - self._dice.random(int(tail.sum()))) ** (-1.0 / self._exponent)
        return drawn


def _atoms(
    ended: Sequence[float], going: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The times in their order, how many each stands for, and whether it is that of something that ended."""
    import numpy as np

    room = max(2, round(MOST_ATOMS * len(going) / max(1, len(ended) + len(going))))
    found = [
        (float(part[len(part) // 2]), float(len(part)), over)
        for times, most, over in ((ended, MOST_ATOMS, True), (going, room, False))
        for part in np.array_split(np.sort(np.asarray(times, dtype=float)), max(1, min(most, len(times))))
        if len(part)
    ]
    # What ended at an age was still at risk at that age: of equal times those that ended come first.
    found.sort(key=lambda one: (one[0], not one[2]))
    times, sizes, over = (np.asarray([one[index] for one in found]) for index in range(3))
    return times, sizes, over.astype(bool)


def _exponent(times: Sequence[float], going: Sequence[float]) -> float:
    """How fast the tail falls, by the longest times and what is older still; few of them move it little from `TAIL`."""
    longest = [time for time in times if time > LEAST]
    most = min(len(longest) - 1, max(2, round(len(longest) ** 0.5)))
    if most < 2:  # one excess says nothing of a tail
        return TAIL
    least = longest[-most - 1]
    excess = fsum(log(time / least) for time in (*longest[-most:], *(age for age in going if age > least)))
    exponent: float = (most + PRIOR) / (excess + PRIOR / TAIL)
    return min(STEEPEST, max(FLATTEST, exponent))
