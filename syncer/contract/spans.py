"""Runs as nested spans: what a writer of delimiters needs, whatever its delimiters look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncer.contract.document import Mark, Run


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
