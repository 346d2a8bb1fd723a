"""What people steer item by item: what is paused, by a command or by a label of the item itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncer.contract.model import Field, Observed, Ref, Side
from syncer.core.records import FieldChange
from syncer.core.side_view import decode_label, encode_label, names


@dataclass(frozen=True, slots=True)
class PausedItem:
    """An item that somebody paused: nothing of it is written to either side, until it goes on."""

    side: Side
    ref: Ref
    since: datetime
    by: str
    """Who paused it, as people call them. Empty for a label: the history of the item tells who set it."""
    why: str = ""
    until: datetime | None = None
    """When it goes on by itself; None: when somebody says so."""
    label: str = ""
    """The label of the item that pauses it; empty where a command did."""

    def over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.until is not None and self.until <= now


def shows_label(label: str, item: Observed | None) -> bool:
    """Whether an item has a label, in the spelling of either side; an empty label is none."""
    if not label or item is None:
        return False
    folded = label.casefold()
    return any(
        folded in {shown.casefold(), decode_label(shown).casefold()} for shown in names(item.showing.get(Field.LABELS))
    )


def set_by(label: str, changes: Iterable[FieldChange]) -> FieldChange | None:
    """Of the changes of an item's labels, oldest first, the one that set a label last; None where none tells of it."""
    spelled = {label.casefold(), encode_label(label).casefold()}

    def has(value: Any) -> bool:
        return isinstance(value, list | tuple) and any(str(name).casefold() in spelled for name in value)

    return next((change for change in reversed(list(changes)) if has(change.new) and not has(change.old)), None)


@dataclass(frozen=True, slots=True)
class Paused:
    """Which items of a pair are paused now."""

    items: frozenset[tuple[Side, Ref]]
    """Those that the state knows of, by a command or a label."""
    label: str
    """The label that pauses an item; empty where none does."""

    def holds(self, side: Side, ref: Ref, item: Observed | None) -> bool:
        """Whether an item is paused, as the state knows or as it shows itself."""
        return (side, ref) in self.items or shows_label(self.label, item)


def paused_now(listed: Iterable[PausedItem], label: str, now: datetime) -> Paused:
    """What is paused now. A label that is not the rule any more pauses nothing."""
    return Paused(
        frozenset((one.side, one.ref) for one in listed if not one.over(now) and one.label in {"", label}), label
    )
