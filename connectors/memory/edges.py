"""Edges between tasks in memory: what a deleted end leaves behind, what the other end shows, where edges lead."""

from __future__ import annotations

from collections.abc import Callable

from syncer.contract.model import EDGE_SETS, Field, Showing, Value


def without_end(showing: Showing, native: str) -> Showing:
    """The fields without the edges that led to a task."""
    rest = {**showing, **{name: _less(showing[name], native) for name in EDGE_SETS if name in showing}}
    return {**rest, Field.PARENT: None} if rest.get(Field.PARENT) == native else rest


def related(showing: Showing, native: str, *, to: bool) -> Showing:
    """The fields with or without a symmetric edge to a task."""
    others = _less(showing.get(Field.RELATES), native)
    return {**showing, Field.RELATES: tuple(sorted((*others, native) if to else others))}


def newly_related(before: Showing, after: Showing) -> dict[str, bool]:
    """The ends of symmetric edges that an edit added (True) or took away (False)."""
    old, new = (set(ends(showing.get(Field.RELATES))) for showing in (before, after))
    return {native: native in new for native in old ^ new}


def ends(value: Value) -> tuple[str, ...]:
    """The tasks that a field leads to."""
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def reached(start: str, name: Field, shown: Callable[[str], Showing | None]) -> set[str]:
    """The tasks that edges of one field lead to from a task, itself included; a symmetric edge leads no further."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        native = waiting.pop()
        showing = shown(native)
        if native not in found and showing is not None:
            found.add(native)
            waiting.extend(ends(showing.get(name)) if name is not Field.RELATES else ())
    return found


def _less(value: Value, native: str) -> tuple[str, ...]:
    return tuple(end for end in ends(value) if end != native)
