"""What people did in a test, and whether each of their edits is accounted for in the end.

An edit is accounted for when it stands on both sides, when somebody who saw it replaced it, when a conflict keeps it,
or when it waits in the ledger. Every edit of a text brings a token of its own, so that nothing is mistaken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from syncer.contract.model import Category, Field, Kind, Observed, Ref, Side, Status
from syncer.core.codec import compact
from syncer.core.records import LinkedItems, LinkState
from syncer.sync.context import PairContext
from syncer.sync.ledger import waiting

_TOKEN = re.compile(r"\bw\d+w\b")


@dataclass(frozen=True, slots=True)
class Edit:
    """One field that a person gave another value."""

    number: int
    side: Side
    ref: Ref
    field: Field
    before: str
    """The text that the person saw."""
    after: str
    tokens: tuple[str, ...]
    """What is new in it."""

    def __str__(self) -> str:
        return f"edit {self.number}: {self.side} {self.ref} {self.field}: {self.before!r} -> {self.after!r}"


@dataclass(slots=True)
class Diary:
    """The edits of a history."""

    edits: list[Edit] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def token(self) -> str:
        """A word that nobody wrote before."""
        return f"w{next(self._numbers)}w"

    def wrote(self, side: Side, ref: Ref, name: Field, before: str, after: str) -> None:
        """A person changed a text, and saw `before`."""
        tokens = tuple(sorted(_words(after) - _words(before)))
        self.edits.append(Edit(next(self._numbers), side, ref, name, before, after, tokens))

    def release(self, context: PairContext) -> None:
        """Gives up what nothing but a conflict of this state keeps: the state is about to be lost."""
        kept = compact(
            [[row.left, row.right] for row in context.store.conflicts.of_pair(context.name, open_only=False)]
        )
        self.edits = [
            replace(edit, tokens=tuple(token for token in edit.tokens if token not in kept)) for edit in self.edits
        ]

    def unaccounted(self, context: PairContext) -> list[str]:
        """The edits of which something is neither on both sides nor replaced, kept or waiting."""
        links = {items.link.id: items for items in context.store.links.of_pair(context.name)}
        at = {(side, items.link.ref(side)): items for items in links.values() for side in Side}
        listed = _Listed(context)
        return [
            f"{edit}: {token}"
            for edit in self.edits
            for token in edit.tokens
            if not self._accounted(edit, token, at.get((edit.side, edit.ref)), listed, context)
        ]

    def _accounted(
        self, edit: Edit, token: str, items: LinkedItems | None, listed: _Listed, context: PairContext
    ) -> bool:
        if items is None:
            shown = context.store.observed.get(context.name, edit.side, edit.ref)
            return shown is None or token in _text(shown, edit.field)  # not linked: nobody can have overwritten it
        if items.left is None or items.right is None or items.link.state is LinkState.RETIRED:
            return True  # one of them was deleted
        if all(token in _text(item, edit.field) for item in (items.left, items.right)):
            return True
        if self._replaced(edit, token, items):
            return True
        return listed.has(items, edit.field) or listed.keeps(items, edit.field, token)

    def _replaced(self, edit: Edit, token: str, items: LinkedItems) -> bool:
        """Whether a person who saw the token took it away."""
        ends = {(side, items.link.ref(side)) for side in Side}
        return any(
            token in _words(later.before) and token not in _words(later.after)
            for later in self.edits
            if later.number > edit.number and (later.side, later.ref) in ends and later.field is edit.field
        )


class _Listed:
    """What waits, and what conflicts keep."""

    def __init__(self, context: PairContext) -> None:
        self._lines = waiting(context.store, context.name)
        self._conflicts = context.store.conflicts.of_pair(context.name, open_only=False)

    def has(self, items: LinkedItems, name: Field) -> bool:
        """Whether the field, or the whole item, is listed."""
        keys = {item.key for item in (items.left, items.right) if item is not None}
        return any(
            line.field in {None, name} and any(key in line.item.split(" ") for key in keys) for line in self._lines
        )

    def keeps(self, items: LinkedItems, name: Field, token: str) -> bool:
        """Whether a conflict of the field, settled or not, has the token in one of its values."""
        return any(
            row.link == items.link.id and row.field is name and token in compact([row.left, row.right])
            for row in self._conflicts
        )


def silently_apart(context: PairContext) -> list[str]:
    """The links of which one side is finished and the other is not, although nothing says that this waits."""
    listed = _Listed(context)
    kept = context.store.links.of_pair(context.name, kind=Kind.TASK, state=LinkState.ACTIVE)
    return [
        f"{items.left.key} and {items.right.key} differ in their status, and nothing says so"
        for items in kept
        if items.left and items.right and status_apart(items) and not listed.has(items, Field.STATUS)
    ]


def status_apart(items: LinkedItems) -> bool:
    """Whether one side is finished and the other is not."""
    done = [
        isinstance(status, Status) and status.category is Category.DONE
        for item in (items.left, items.right)
        if item is not None and isinstance(status := item.showing.get(Field.STATUS), Status)
    ]
    return items.link.kind is Kind.TASK and len(set(done)) > 1


def _text(item: Observed, name: Field) -> str:
    value = item.showing.get(name)
    return value if isinstance(value, str) else compact(value) if value else ""


def _words(text: str) -> set[str]:
    """The tokens in a text: what else people write may stand in several places."""
    return set(_TOKEN.findall(text))
