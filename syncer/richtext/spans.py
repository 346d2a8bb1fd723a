"""Runs as nested spans: what a writer of delimiters needs, whatever its delimiters look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from syncer.richtext.document import Mark, Run


@dataclass(frozen=True, slots=True)
class Span:
    """Content inside one mark or one link."""

    children: tuple[Span | Run, ...]
    mark: Mark | None = None
    link: str = ""


def nested(runs: Sequence[Run]) -> tuple[Span | Run, ...]:
    """The runs as nested spans, the longest outermost (a link before a mark of equal length); leaves carry neither.

    Linear in the number of runs: each level of nesting looks at each run once for each of its marks.
    """
    result: list[Span | Run] = []
    at = 0
    while at < len(runs):
        run = runs[at]
        if not run.marks and not run.link:
            result.append(run)
            at += 1
            continue
        end = _link_end(runs, at) if run.link else at
        chosen: Mark | None = None
        for mark in sorted(run.marks):
            mark_end = _mark_end(runs, at, mark)
            if mark_end > end:
                end, chosen = mark_end, mark
        inside = runs[at:end]
        if chosen is None:
            result.append(Span(nested([replace(inner, link="") for inner in inside]), link=run.link))
        else:
            stripped = [replace(inner, marks=inner.marks - {chosen}) for inner in inside]
            result.append(Span(nested(stripped), mark=chosen))
        at = end
    return tuple(result)


def _link_end(runs: Sequence[Run], at: int) -> int:
    end = at
    while end < len(runs) and runs[end].link == runs[at].link:
        end += 1
    return end


def _mark_end(runs: Sequence[Run], at: int, mark: Mark) -> int:
    end = at
    while end < len(runs) and mark in runs[end].marks:
        end += 1
    return end


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a marked span in a row of written parts; its delimiter is chosen when its neighbours are known."""

    mark: Mark
    opening: bool
    pair: int
    """The same for both ends of a span, and for no other."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """How a dialect marks spans: by a plain delimiter where its neighbours let it open and close, else by another."""

    able: Callable[[Edge, str, str], bool]
    """Whether the plain delimiter works between the characters before and after it."""
    spelled: Callable[[Edge, bool], str]
    """The delimiter, plain or not."""
    character: Callable[[Mark], str]
    """What a neighbouring delimiter counts as."""
    outside: str
    """What the ends of the row count as."""


def joined(parts: Sequence[str | Edge], delimiters: Delimiters) -> str:
    """The parts as one text: the ends of a span are both plain, or neither is."""
    parts = [part for part in parts if part != ""]

    def beside(at: int, index: int) -> str:
        if not 0 <= at < len(parts):
            return delimiters.outside
        part = parts[at]
        return part[index] if isinstance(part, str) else delimiters.character(part.mark)

    plain: dict[int, bool] = {}
    for at, part in enumerate(parts):
        if isinstance(part, Edge):
            able = delimiters.able(part, beside(at - 1, -1), beside(at + 1, 0))
            plain[part.pair] = able and plain.get(part.pair, True)
    return "".join(part if isinstance(part, str) else delimiters.spelled(part, plain[part.pair]) for part in parts)
