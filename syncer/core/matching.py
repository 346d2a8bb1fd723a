"""Which items that both sides already have are one: proposals with a score and its reasons. Pure.

A pair of items is scored by what speaks for and against it (`syncer.core.references`, `syncer.core.likeness`). The
score is the chance that they are one, beside all others that each of them could be one with: two that fit equally well
have one half each. Proposed is only what fits best from both ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp
from typing import Final

from syncer.contract.model import Observed, Ref, Side
from syncer.core.likeness import Clue, Likeness, Reading, alike, candidates
from syncer.core.references import Reference, ReferenceBook, ReferencePlace, shared_ids, strongest

SURE: Final = 0.95
"""From here on two items count as one without anybody having looked at them."""
LEAST: Final = 0.50
"""What is less likely is not proposed."""

BEFORE: Final = -7.0
"""The odds that two items are one of which nothing is known but that they share some words."""
_WEIGHTS: Final = {
    ReferencePlace.TITLE: 13.0,
    ReferencePlace.LABEL: 13.0,
    ReferencePlace.FIELD: 16.0,
    ReferencePlace.LINK: 13.0,
    ReferencePlace.PATTERN: 16.0,
    ReferencePlace.TOOL: 16.0,
    ReferencePlace.OWN_LINE: 7.0,
    ReferencePlace.TEXT: 2.0,
}
"""What a reference is worth by where it stands."""
_ONE_OF_SEVERAL: Final = 4.0
"""What a telling reference is worth to an item that names several items so, or one that others name so too."""
_SAME_TIME: Final = timedelta(days=7)
_SHARED_ID: Final = 14.0
_UNCONFIRMED: Final = 2.0
"""The odds of items that name each other nowhere are no better than this where nothing but titles, dates and people
agrees, or where they were made at quite different times: people use the same words again."""
_CONFIRMED: Final = 3.0
"""What texts, comments and files must be worth to confirm equal titles."""
_LEAST_AGAINST: Final = -4.0
"""So much differing titles and texts speak against items that name each other at most: one may have been rewritten."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two items that are probably one."""

    left: Observed
    right: Observed
    score: float
    """The chance of it, from 0 to 1."""
    reasons: tuple[str, ...]
    """What speaks for it, the strongest first."""

    @property
    def sure(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.score >= SURE


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of the items of one side that have no partner."""

    readings: Sequence[Reading]
    links: Mapping[Ref, tuple[str, ...]]
    """The addresses of remote links, where they were asked for."""


def propose(left: Material, right: Material, patterns: Sequence[re.Pattern[str]] = ()) -> list[Proposal]:
    """The pairs of items that are probably one, the surest first; each item in at most one of them."""
    return _Matching({Side.LEFT: left, Side.RIGHT: right}, patterns).proposals()


@dataclass(frozen=True, slots=True)
class _Scored:
    """One pair of items: the logarithm of its odds, and why."""

    odds: float
    reasons: tuple[str, ...]


class _Matching:
    def __init__(self, sides: Mapping[Side, Material], patterns: Sequence[re.Pattern[str]]) -> None:
        self._sides, self._patterns = sides, patterns
        self._readings = {side: list(material.readings) for side, material in sides.items()}
        self._places = {
            side: {reading.item.ref: at for at, reading in enumerate(readings)}
            for side, readings in self._readings.items()
        }
        self._comparison = Likeness(self._readings[Side.LEFT], self._readings[Side.RIGHT])

    def proposals(self) -> list[Proposal]:
        """See `propose`."""
        scored = self._scored()
        chances = _chances({pair: one.odds for pair, one in scored.items()})
        best = {side: _best(chances, 0 if side is Side.LEFT else 1) for side in Side}
        found = [
            self._proposal(pair, scored[pair], chance)
            for pair, chance in chances.items()
            if chance >= LEAST and best[Side.LEFT][pair[0]] == pair and best[Side.RIGHT][pair[1]] == pair
        ]
        return sorted(found, key=lambda one: (-one.score, one.left.created, one.left.key))

    def _proposal(self, pair: tuple[int, int], scored: _Scored, chance: float) -> Proposal:
        left, right = (self._readings[side][at].item for side, at in zip(Side, pair, strict=True))
        return Proposal(left, right, round(chance, 4), scored.reasons)

    def _scored(self) -> dict[tuple[int, int], _Scored]:
        named = self._references()
        alike_places = candidates(self._readings[Side.LEFT], self._readings[Side.RIGHT], self._comparison.rarity)
        pairs = {(at, other) for at, others in alike_places.items() for other in others} | named.keys()
        return {pair: self._score(pair, named.get(pair, ())) for pair in sorted(pairs)}

    def _score(self, pair: tuple[int, int], references: Sequence[Clue]) -> _Scored:
        left, right = self._readings[Side.LEFT][pair[0]], self._readings[Side.RIGHT][pair[1]]
        found = self._comparison.clues(left, right)
        alike_by = sum(one.weight for one in found)
        named = sum(one.weight for one in references)
        if any(one.weight > _WEIGHTS[ReferencePlace.TEXT] for one in references):
            odds = BEFORE + named + max(alike_by, _LEAST_AGAINST)
        elif self._confirmed(left, right, found):
            odds = BEFORE + named + alike_by
        else:
            odds = min(BEFORE + named + alike_by, _UNCONFIRMED)
        evidence = sorted([*references, *found], key=lambda one: -one.weight)
        reasons = tuple(dict.fromkeys(one.reason for one in evidence if one.reason and one.weight > 0))
        return _Scored(odds, reasons)

    def _confirmed(self, left: Reading, right: Reading, found: Sequence[Clue]) -> bool:
        content = sum(one.weight for one in found if one.confirms)
        return content >= _CONFIRMED and abs(left.item.created - right.item.created) <= _SAME_TIME

    def _references(self) -> dict[tuple[int, int], list[Clue]]:
        """What each pair of items says of each other."""
        found: dict[tuple[int, int], list[Clue]] = {}
        for side in Side:
            book = ReferenceBook((reading.item for reading in self._readings[side.other]), self._patterns)
            every = [
                strongest(book.of(reading.item, reading.lines, self._sides[side].links.get(reading.item.ref, ())))
                for reading in self._readings[side]
            ]
            wanted = Counter(ref for named in every for ref, one in named.items() if one.place.telling)
            for at, (reading, named) in enumerate(zip(self._readings[side], every, strict=True)):
                for ref, evidence in _weighed(reading.item.key, named, wanted):
                    other = self._places[side.other][ref]
                    found.setdefault((at, other) if side is Side.LEFT else (other, at), []).append(evidence)
        for pair, evidence in self._shared_ids():
            found.setdefault(pair, []).append(evidence)
        return found

    def _shared_ids(self) -> Iterator[tuple[tuple[int, int], Clue]]:
        places: dict[Side, dict[tuple[str, str], list[int]]] = {side: {} for side in Side}
        for side in Side:
            for at, reading in enumerate(self._readings[side]):
                for shared in set(shared_ids([*reading.lines, *reading.item.facts.references])):
                    places[side].setdefault(shared, []).append(at)
        for shared, lefts in places[Side.LEFT].items():
            rights = places[Side.RIGHT].get(shared, [])
            if len(lefts) == len(rights) == 1:
                yield (lefts[0], rights[0]), Clue(_SHARED_ID, f"both have one id of {shared[0]}")


def _weighed(key: str, named: Mapping[Ref, Reference], wanted: Mapping[Ref, int]) -> Iterator[tuple[Ref, Clue]]:
    """What the references of one item are worth. What several items name so is the partner of one of them at most."""
    telling = [ref for ref, one in named.items() if one.place.telling]
    for ref, one in named.items():
        weight = _WEIGHTS[one.place]
        if one.place.telling and (len(telling) > 1 or wanted[ref] > 1):
            weight = _ONE_OF_SEVERAL
        if one.place is ReferencePlace.OWN_LINE and (telling or len(named) > 1):
            weight = _WEIGHTS[ReferencePlace.TEXT]
        yield ref, Clue(weight, f"{key} {one.reason}")


def _chances(odds: Mapping[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """For each pair the chance that it is one, beside its rivals at both ends, of which at most one can be right."""
    totals: list[dict[int, float]] = [{}, {}]
    weights = {pair: exp(min(value, 60.0)) for pair, value in odds.items()}
    for pair, weight in weights.items():
        for end in (0, 1):
            totals[end][pair[end]] = totals[end].get(pair[end], 1.0) + weight
    return {pair: min(weight / totals[end][pair[end]] for end in (0, 1)) for pair, weight in weights.items()}


def _best(chances: Mapping[tuple[int, int], float], end: int) -> dict[int, tuple[int, int]]:
    """For each item of one end the pair it fits best in."""
    found: dict[int, tuple[int, int]] = {}
    for pair, chance in chances.items():
        known = found.get(pair[end])
        if known is None or chance > chances[known]:
            found[pair[end]] = pair
    return found


# --- comments

_MIRRORED_WITHIN: Final = timedelta(days=400)


def mirrored_comments(left: Reading, right: Reading) -> list[tuple[Observed, Observed]]:
    """The comments of two items that say the same, each in at most one pair, those made nearest to each other first."""
    pairs = sorted(
        (abs(one.created - other.created), at, place)
        for at, (one, words) in enumerate(zip(left.comments, left.said, strict=True))
        for place, (other, said) in enumerate(zip(right.comments, right.said, strict=True))
        if words == said or alike(words, said)
    )
    found: list[tuple[Observed, Observed]] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for between, at, place in pairs:
        if at not in taken[0] and place not in taken[1] and between <= _MIRRORED_WITHIN:
            taken[0].add(at)
            taken[1].add(place)
            found.append((left.comments[at], right.comments[place]))
    return found


def sure_of(proposals: Iterable[Proposal], least: float = SURE) -> list[Proposal]:
    """The proposals that are at least so likely."""
    return [one for one in proposals if one.score >= least]
