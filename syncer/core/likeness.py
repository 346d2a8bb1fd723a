"""How much two items that name each other nowhere look like one: titles, texts, dates, people, files and comments.

Everything is counted as a logarithm of odds (natural): how much more often it is seen where two items are one than
where they are two. A word is worth as much as it is rare in both trackers, so that "fix the crash" says little and a
name that stands in one issue of each side says a lot.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from math import log
from typing import Final

from syncer.contract.model import Field, Observed
from syncer.core.mirror_tools import without_head

_TOKEN: Final = re.compile(r"[^\W_]+(?:['._-][^\W_]+)*", re.UNICODE)
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_NUMBER: Final = re.compile(r"\d+")

COMMON_CORPUS: Final = 400
"""In a smaller collection a word does not count as rarer than in one of this size."""
LONGEST_TEXT: Final = 20_000
"""So many characters of a text are compared."""
_A_SERIES: Final = 3
"""So many items of a side that are alike are made from one form; two may be a slip, or a copy."""
_MOST_COMPARED: Final = 200
"""So many items of one title are looked at; more of them make it no more common."""
NUMBERS_DIFFER: Final = -5.0
"""Two titles alike but for a number: "Release 1.2", "Release 1.3"."""


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded; of Han text every two neighbouring characters."""
    found: list[str] = []
    for word in _TOKEN.findall(text[:LONGEST_TEXT].casefold()):
        found += _han(word) if _HAN.search(word) else [word]
    return tuple(found)


def _han(word: str) -> list[str]:
    runs = _HAN.findall(word)
    pairs = [run[at : at + 2] for run in runs for at in range(max(len(run) - 1, 1))]
    return [*pairs, *(part for part in _HAN.sub(" ", word).split() if part)]


@dataclass(frozen=True)
class Reading:
    """One item as it is compared."""

    item: Observed
    lines: tuple[str, ...]
    """Its text as people read it, with the addresses of links."""
    author: str = ""
    """Whom the configuration knows its author as; empty where it does not, or where a program wrote it."""
    comments: tuple[Observed, ...] = ()
    comment_texts: tuple[str, ...] = ()
    """The words of each comment, heads and all."""

    @cached_property
    def phrases(self) -> frozenset[str]:
        """What is looked up besides words: the title as a whole, its neighbouring words, each line, each comment."""
        words = tokens(_without_keys(str(self.item.showing.get(Field.TITLE) or "")))
        found = {"title " + " ".join(words)} | {f"{one} {other}" for one, other in pairwise(words)}
        found |= {"line " + " ".join(tokens(line)) for line in self.lines[:_LINES_LOOKED_UP]}
        found |= {"comment " + " ".join(sorted(words)) for words in self.said if words}
        return frozenset(found)

    @cached_property
    def title(self) -> frozenset[str]:
        """The words of the title, keys aside."""
        return frozenset(tokens(_without_keys(str(self.item.showing.get(Field.TITLE) or ""))))

    @cached_property
    def body(self) -> frozenset[str]:
        """The different words of the text."""
        return frozenset(tokens("\n".join(self.lines)))

    @cached_property
    def said(self) -> tuple[frozenset[str], ...]:
        """The words of each comment, without what stands above a mirrored one."""
        return tuple(frozenset(tokens(without_head(text))) for text in self.comment_texts)

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of its files that say something."""
        return frozenset(name.casefold() for name, _ in self.item.facts.files if not _GENERIC_FILE.match(name))


_GENERIC_FILE: Final = re.compile(
    r"(?:image|img|screen[ _-]?shot|scan|file|photo|picture|untitled)?[\s\d_().:-]*\.\w+\Z", re.IGNORECASE
)
_KEY: Final = re.compile(r"[\[(]?[\w./-]*#\d+[\])]?:?|[\[(]?\b[A-Z][A-Z0-9_]+-\d+\b[\])]?:?")


def _without_keys(title: str) -> str:
    return _KEY.sub(" ", title)


class Rarity:
    """How rare each word is in the titles and texts of both sides."""

    def __init__(self, readings: Collection[Reading]) -> None:
        self._count = max(len(readings), COMMON_CORPUS)
        self._titles = Counter(word for reading in readings for word in reading.title)
        self._all = Counter(word for reading in readings for word in reading.body | reading.title)

    def of_title(self, word: str) -> float:
        """What a word of a title is worth; two items have it where they are one."""
        return log((self._count + 1) / max(self._titles[word], self._all[word] / 4, 2))

    def of_text(self, word: str) -> float:
        """What a word of a text is worth."""
        return log((self._count + 1) / max(self._all[word], 2))


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason why two items may be one, or may not."""

    weight: float
    reason: str
    """Empty where people need not be told."""
    confirms: bool = False
    """It comes from what the items hold, and not from a title, a date or a person, which others have as well."""


class Likeness:
    """Compares items of the left with items of the right."""

    def __init__(self, left: Sequence[Reading], right: Sequence[Reading]) -> None:
        self.rarity = Rarity([*left, *right])
        self._created = sorted(reading.item.created for reading in right)
        self._worth: dict[tuple[str, ...], float] = {}
        self._series = {id(one): count for side in (left, right) for one, count in zip(side, series(side), strict=True)}
        self._size = max(len(left), len(right), COMMON_CORPUS)

    def clues(self, left: Reading, right: Reading) -> list[Clue]:
        """What speaks for and against two items being one, references aside."""
        title, body = self._of_a_series(left, right, self._titles(left, right), self._bodies(left, right))
        found = [title, body, self._dates(left.item.created, right.item.created), self._authors(left, right)]
        found += [self._files(left, right), self._comments(left, right)]
        return [one for one in found if one is not None and one.weight]

    def _of_a_series(
        self, left: Reading, right: Reading, title: Clue | None, body: Clue | None
    ) -> tuple[Clue | None, Clue | None]:
        """Both clues, worth together no more than that one item of so many was met which are all alike.

        What a team does every week has the same words each time, and so has what another team does every week.
        """
        several = max(self._series[id(left)], self._series[id(right)])
        total = sum(one.weight for one in (title, body) if one is not None)
        most = log(self._size / several)
        if several < _A_SERIES or total <= most:
            return title, body
        shrunk = [None if one is None else replace(one, weight=one.weight * most / total) for one in (title, body)]
        return shrunk[0], shrunk[1]

    def _titles(self, left: Reading, right: Reading) -> Clue | None:
        shared, apart = left.title & right.title, left.title ^ right.title
        if not left.title or not right.title:
            return None
        if apart and shared and all(_NUMBER.search(word) for word in apart):
            return Clue(NUMBERS_DIFFER, "titles that differ in a number")
        together = sum(map(self.rarity.of_title, shared))
        between = sum(map(self.rarity.of_title, apart))
        weight = max(-3.0, min(6.5, 0.7 * together - 0.3 * between))
        if not apart:
            return Clue(weight, "equal titles")
        return Clue(weight, "close titles" if weight > 1 else "")

    def _bodies(self, left: Reading, right: Reading) -> Clue | None:
        small, large = sorted((left.body, right.body), key=len)
        worth = sum(map(self.rarity.of_text, small))
        if worth < 8:
            return None
        shared = sum(self.rarity.of_text(word) for word in small & large)
        held, size = shared / worth, min(1.0, worth / 30)
        weight = size * (7.0 * (held - 0.3) / 0.6 if held > 0.3 else -2.5 * (1 - held / 0.3))
        same = "equal texts" if small == large else "one text holds the other"
        reason = same if held > 0.97 else "close texts" if held > 0.6 else ""
        return Clue(min(weight, 7.0), reason, confirms=True)

    def _dates(self, left: datetime, right: datetime) -> Clue | None:
        """How few items of the right were made nearer to the left one: many made at once say nothing."""
        between = abs(left - right)
        nearer = bisect_right(self._created, left + between) - bisect_left(self._created, left - between)
        weight = min(2.5, 0.5 * log(max(len(self._created), 1) / max(nearer, 1)))
        if between <= timedelta(days=2):
            return Clue(weight, f"made within {_span(between)}" if weight > 0.5 else "")
        if between <= timedelta(days=30):
            return Clue(min(weight, 0.5), "")
        return Clue(-1.0 if between > timedelta(days=90) else 0.0, "")

    def _authors(self, left: Reading, right: Reading) -> Clue | None:
        if not left.author or not right.author:
            return None
        return Clue(1.0, f"both by {left.author}") if left.author == right.author else Clue(-0.7, "")

    def _files(self, left: Reading, right: Reading) -> Clue | None:
        shared = sorted(left.files & right.files)
        return Clue(2.5, f"the same file: {shared[0]}", confirms=True) if shared else None

    def _comments(self, left: Reading, right: Reading) -> Clue | None:
        telling = [words for words in left.said if self._information(words) >= 12]
        mirrored = sum(any(alike(words, other) for other in right.said) for words in telling)
        if not mirrored:
            return None
        said = f"{mirrored} mirrored comment{'s' if mirrored > 1 else ''}"
        return Clue(min(2.0 + 1.5 * mirrored, 6.5), said, confirms=True)

    def _information(self, words: Iterable[str]) -> float:
        return sum(map(self.rarity.of_text, words))


def series(readings: Sequence[Reading]) -> list[int]:
    """For each item of a side, how many of the side are like it, itself included: in title, numbers aside, and text."""
    groups: dict[frozenset[str], list[int]] = {}
    for at, reading in enumerate(readings):
        words = frozenset(word for word in reading.title if not _NUMBER.search(word))
        groups.setdefault(words, []).append(at)
    found = [1] * len(readings)
    for places in groups.values():
        for at in places if len(places) >= _A_SERIES else ():
            body = readings[at].body
            like = (readings[other].body for other in places[:_MOST_COMPARED] if other != at)
            found[at] += sum(body == other or alike(body, other) for other in like)
    return found


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts say the same but for a few words, such as a head that is not known."""
    if not one or not other:
        return False
    small, large = sorted((one, other), key=len)
    return len(small & large) >= 0.9 * len(small) and len(small) >= 0.6 * len(large)


def _span(between: timedelta) -> str:
    if between < timedelta(minutes=2):
        return "2 minutes"
    if between < timedelta(hours=1):
        return "an hour"
    return "a day" if between < timedelta(days=1) else "2 days"


def candidates(
    left: Sequence[Reading], right: Sequence[Reading], rarity: Rarity, *, each: int = 8
) -> Mapping[int, set[int]]:
    """For each item of the left, by its place, the few of the right that share the rarest words with it.

    The work grows with the items and not with their pairs: a word that many items have leads to none.
    """
    found: dict[int, set[int]] = {at: set() for at in range(len(left))}
    for here, there, turned in ((left, right, False), (right, left, True)):
        index = _index(there)
        for at, reading in enumerate(here):
            for other in _nearest(reading, index, rarity, each):
                found[other if turned else at].add(at if turned else other)
    return found


_MOST_SHARED: Final = 60
"""A word that more items of a side have leads nowhere."""
_WORDS_LOOKED_UP: Final = 24
_LINES_LOOKED_UP: Final = 12


def _index(readings: Sequence[Reading]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for at, reading in enumerate(readings):
        for word in reading.title | reading.body | reading.phrases:
            index.setdefault(word, []).append(at)
    return index


def _nearest(reading: Reading, index: Mapping[str, Sequence[int]], rarity: Rarity, most: int) -> list[int]:
    body = sorted(reading.body - reading.title, key=rarity.of_text, reverse=True)[:_WORDS_LOOKED_UP]
    worth = {word: rarity.of_text(word) for word in body}
    worth |= {word: 1.5 * rarity.of_title(word) for word in reading.title}
    worth |= {phrase: 2.0 * log(_MOST_SHARED / len(index[phrase])) for phrase in reading.phrases & index.keys()}
    counted: dict[int, float] = {}
    for word, weight in worth.items():
        places = index.get(word, ())
        if len(places) <= _MOST_SHARED:
            for at in places:
                counted[at] = counted.get(at, 0.0) + weight
    return sorted(counted, key=lambda at: (-counted[at], at))[:most]
