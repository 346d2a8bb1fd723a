"""What differs on the two sides of a link and is not about to be written, each field with its reason."""

from __future__ import annotations

from syncer.contract.model import Field, Side
from syncer.core.decision_context import ORDER
from syncer.core.draft import LinkDraft
from syncer.core.field_types import FieldType
from syncer.core.linked import LinkedFields
from syncer.core.records import Difference, Why
from syncer.core.rules import Direction


class Differences:
    """The fields of one link after they were decided."""

    def __init__(self, fields: LinkedFields, draft: LinkDraft) -> None:
        self._fields = fields
        self._draft = draft

    def all(self) -> list[Difference]:
        """Every field that differs under the rules and is not about to be written, with the reason."""
        found = (self._difference(name) for name in ORDER if self._fields.both(name))
        return [difference for difference in found if difference is not None]

    def _difference(self, name: Field) -> Difference | None:
        fields, draft = self._fields, self._draft
        if fields.rule(name).direction is Direction.OFF or name in draft.refusals:
            return draft.refusals.get(name)
        field_type = fields.field_type(name)
        limited = self._limited(name, field_type)
        if limited is not None:
            return limited
        written = any(name in draft.wanted[side] for side in Side)
        if written or fields.agree(name, field_type) or name.value in self._inexact(name, field_type):
            return None
        return self._skipped(name) or self._unexplained(name, field_type)

    def _limited(self, name: Field, field_type: FieldType) -> Difference | None:
        """What a side has no room for, whether or not the rest of the field is written."""
        skip = self._skipped(name)
        if skip is not None and skip.why is Why.LIMIT:
            return skip
        limit = self._fields.limit(name, field_type)
        return None if limit is None else Difference(name, limit.side, limit.why, limit.reason)

    def _skipped(self, name: Field) -> Difference | None:
        """What the decision itself said of a field it does not write."""
        skip = next((one for one in self._draft.skips if one.field is name), None)
        return None if skip is None else Difference(name, skip.side, skip.why, skip.reason)

    def _inexact(self, name: Field, field_type: FieldType) -> tuple[str, ...]:
        """The field itself where both sides still show what we saw them show after our own write of it."""
        known = name in self._fields.link.memory.inexact
        return (name.value,) if known and not self._fields.moved(name, field_type) else ()

    def _unexplained(self, name: Field, field_type: FieldType) -> Difference:
        """A difference of which this decision has said nothing yet."""
        moved = self._fields.moved(name, field_type)
        sides = [side.other for side in moved] or list(Side)
        obstacles = [each for to in sides if (each := self._fields.obstacle(name, to)) is not None]
        found = next(iter(obstacles), None) or self._fields.standing(name, field_type)
        if found is not None:
            return Difference(name, found.side, found.why, found.reason)
        earlier = next((one for one in self._fields.link.differs if one.field is name), None)
        return earlier or Difference(name, Side.RIGHT, Why.CONFLICT, f"{name} differs on both sides")
