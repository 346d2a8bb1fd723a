"""What one link becomes while its fields are decided: bases, what is written, what waits, what is remembered.

And what still differs afterwards and is not about to be written, each field with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncer.contract.model import Field, Kind, Observed, Side
from syncer.core.change import Skip, Update
from syncer.core.codec import digest
from syncer.core.decision_context import is_done, is_open
from syncer.core.field_types import Carried, FieldType
from syncer.core.files import WantedFiles
from syncer.core.link_memory import LinkMemory
from syncer.core.linked import LinkedFields, Obstacle
from syncer.core.pending import mark, pending_of, refused_of
from syncer.core.records import Conflict
from syncer.core.rules import Direction, Policy
from syncer.core.side_view import ViewValue, decode_view, encode_view, is_empty
from syncer.core.value_map import Term
from syncer.core.waiting import Difference, Why
from syncer.core.wording import READING


class LinkDraft:
    """What accumulates while the fields of one link are decided."""

    def __init__(self, fields: LinkedFields) -> None:
        self.fields = fields
        memory = fields.link.memory
        self.base: dict[Side, dict[str, Any]] = {side: dict(fields.link.base.get(side, {})) for side in Side}
        self.pending_fields = pending_of(memory)
        self.refused = refused_of(memory)
        self.apart = set(memory.apart)
        self.given = dict(memory.given)
        self.restored = memory.restored
        self.wanted: dict[Side, dict[Field, ViewValue]] = {side: {} for side in Side}
        self.reasons: dict[Side, list[str]] = {side: [] for side in Side}
        self.renews: dict[Side, set[Field]] = {side: set() for side in Side}
        """What is written with nothing changed but our own words."""
        self.conflicts: list[Conflict] = []
        self.agreed: set[Field] = set()
        self.skips: list[Skip] = []
        self.files: list[WantedFiles] = []
        self.waits = False
        """A file is tried again later, so the link is looked at again."""
        self.cycles = False
        """An edge that would close a cycle is not written."""
        self.doubts: list[tuple[Side, Field]] = []
        self.refusals: dict[Field, Difference] = {}
        """What was refused and is not tried in this run."""

    def settled(self) -> dict[Side, str]:
        """The digests of what was decided; none where something is to be looked at again."""
        if self.waits or self.cycles or self.doubts:
            return {}
        return {side: digest(item) for side, item in self.fields.items.items()}

    # -- bases ------------------------------------------------------------------------------------------------------

    def seen(self, name: Field, to: Side) -> None:
        """A side shows a field: it is pending no more."""
        self.pending_fields[to].pop(name, None)

    def keep_given(self, name: Field, to: Side, value: ViewValue) -> None:
        """Remembers what a tracker gave a new item by itself; what people added since is none of it."""
        if value != self.fields.base[to.other].get(name):
            self.given[name] = encode_view(value)
            self.fields.given[name] = value

    def advance(self, name: Field, to: Side, value: ViewValue, source: Any) -> None:
        """Both sides' bases of a field from now on, for the rest of this decision too."""
        self.set_base(name, to, value)
        if source is not None:
            self.set_base(name, to.other, decode_view(source))

    def arrived(self, name: Field, field_type: FieldType, to: Side, shown: ViewValue) -> None:
        """Advances the other side's base by what a side took of it: sets, element by element."""
        if name in self.fields.base[to.other]:
            before, now = self.fields.base[to.other][name], self.fields.now[to.other][name]
            self.set_base(name, to.other, field_type.arrived(to, before, now, shown))

    def set_base(self, name: Field, side: Side, value: ViewValue) -> None:
        """The base of one side, for the rest of this decision too."""
        self.fields.base[side][name] = value
        self.base[side][name.value] = encode_view(value)

    def forget_lost_options(self, name: Field, field_type: FieldType) -> None:
        """Takes out of both bases what a tracker took from its tasks with a deleted option: nobody emptied this one."""
        for side in Side:
            base = self.fields.base[side][name]
            kept = field_type.kept(side, base, self.fields.now[side][name])
            if kept != base:
                self.set_base(name, side, kept)

    def wait(self, name: Field) -> None:
        """Both values are shown to a person; until somebody decides, or both agree, nothing of the field is written."""
        self.apart.add(name)
        for side in Side:
            self.base[side].pop(name.value, None)
        row = self.conflict_row(name, Policy.ASK, None)  # what both agreed on is no reason: no side left it by an edit
        self.conflicts.append(replace(row, base_left=None, base_right=None))
        self.skip(Side.RIGHT, name, Why.CONFLICT, f"both sides differ in {name}; it waits for a decision")

    def conflict_row(self, name: Field, policy: Policy, winner: Side | None) -> Conflict:
        """A conflict with both values; with a winner it is settled at once."""
        left, right = (encode_view(self.fields.now[side][name]) for side in Side)
        base_left, base_right = (encode_view(self.fields.base[side].get(name)) for side in Side)
        at = self.fields.context.now
        decided = None if winner is None else winner.value
        return Conflict(
            0, self.fields.link.pair, self.fields.link.id, name, left, right, base_left, base_right, policy.value, at,
            decision=decided, decided_at=at if decided else None, settled_at=at if decided else None,
        )  # fmt: skip

    def put(self, name: Field, to: Side, value: Carried, reason: str) -> None:
        """Has a value written, unless the side refused exactly this one and it is too early to ask again."""
        for element in value.left_out:
            self.skip(to, name, Why.LIMIT, self.fields.left_out(name, to, (element,)))
        refused = self._refusal(name, to)
        if refused is not None and self.refused[to].get(name) == mark(value.value):
            self.refusals[name] = refused
            return
        self.wanted[to][name] = value.value
        self.reasons[to].append(reason)
        self.agreed.add(name)
        self.apart.discard(name)
        cut = self.fields.cut[to]
        cut.add(name) if value.truncated else cut.discard(name)

    def _refusal(self, name: Field, to: Side) -> Difference | None:
        """The refusal of a field by a side that is not to be tried again yet."""
        if name in self.refusals:
            return self.refusals[name]
        earlier = (one for one in self.fields.link.differs if (one.field, one.side, one.why) == (name, to, Why.REFUSED))
        found = next(earlier, None)
        due = found is None or (found.retry_at is not None and found.retry_at <= self.fields.context.now)
        return None if due else found

    def record(self, name: Field) -> None:
        """Both sides agree: what they show now is their base."""
        for side in Side:
            if name in self.fields.now[side]:
                self.base[side][name.value] = encode_view(self.fields.now[side][name])
            self.pending_fields[side].pop(name, None)
            self.refused[side].pop(name, None)
        self.agreed.add(name)

    def skip(self, side: Side, name: Field, why: Why, reason: str) -> None:
        """A field is considered and not written."""
        self.skips.append(Skip(side, self.fields.items[side.other], name, why, reason))

    def obstructed(self, name: Field, obstacle: Obstacle) -> None:
        """A field is not written because of an obstacle."""
        self.skip(obstacle.side, name, obstacle.why, obstacle.reason)

    def update(self, side: Side) -> Update | None:
        """What is to be written to a side; None where nothing is."""
        wanted = self.wanted[side]
        if not wanted:
            return None
        target, source = self.fields.items[side], self.fields.items[side.other]
        patch = self.fields.context.views[side].patch(self.fields.link.kind, target.showing, wanted)
        if not patch:  # it shows all of that already, some of it in the guise of another field
            for name in list(wanted):
                self.record(name)
            wanted.clear()
            return None
        agreed = {
            name.value: encode_view(self.fields.now[side.other][name])
            for name in wanted
            if name in self.fields.now[side.other]
        }
        closes = self._closes(target, wanted)
        return Update(
            side, self.fields.link, target, source, patch, "; ".join(self.reasons[side]), closes, agreed, wanted,
            renews=frozenset(self.renews[side]),
        )  # fmt: skip

    def _closes(self, target: Observed, wanted: Mapping[Field, ViewValue]) -> bool:
        status = wanted.get(Field.STATUS)
        return self.fields.link.kind is Kind.TASK and isinstance(status, Term) and is_done(status) and is_open(target)

    def remember(self) -> LinkMemory:
        """What the link remembers from now on."""
        former = self.fields.link.memory
        views = self.fields.context.views
        return replace(
            former,
            pending=self.pending_fields,
            refused=self.refused,
            apart=frozenset(self.apart),
            given=self.given,
            restored=self.restored - self.agreed - self.apart,
            truncated={side: frozenset(fields) for side, fields in self.fields.cut.items()},
            awaits={side: views[side].unlinked(item.showing) for side, item in self.fields.items.items()},
            before={side: self._terms_before(side, former.before.get(side, ())) for side in Side},
            read=READING if former.read == READING or self._agrees_as_read() else former.read,
        )

    def _agrees_as_read(self) -> bool:
        """Whether the texts of both sides say the same by this version's reading, or will once they are written."""
        name = Field.BODY
        return self.fields.both(name) and (name in self.agreed or self.fields.agree_as_read(name))

    def _terms_before(self, side: Side, history: tuple[Any, ...]) -> tuple[Any, ...]:
        status = self.fields.now[side].get(Field.STATUS)
        if self.fields.link.kind is not Kind.TASK or not isinstance(status, Term):
            return history
        encoded = encode_view(status)
        return (encoded, *(other for other in history if other != encoded))[:4]


class Differences:
    """The fields of one link after they were decided."""

    def __init__(self, fields: LinkedFields, draft: LinkDraft) -> None:
        self._fields = fields
        self._draft = draft

    def all(self) -> list[Difference]:
        """Every field that differs under the rules and is not about to be written, with the reason."""
        names = self._fields.context.rules.order
        found = (self._difference(name) if self._fields.both(name) else self._unshown(name) for name in names)
        return [difference for difference in found if difference is not None]

    def _unshown(self, name: Field) -> Difference | None:
        """A declared field that a side has and does not show in this task, though the other side says something."""
        fields, views = self._fields, self._fields.context.views
        if not all(name in view.capabilities.custom for view in views.values()):
            return None  # said once for all tasks
        if fields.rule(name).direction is Direction.OFF:
            return None
        for side, item in fields.items.items():
            if name in item.facts.uncarried:
                return Difference(name, side, Why.LIMIT, f"{name} of {item.key} holds what cannot be carried")
        silent = next((side for side in Side if name not in fields.now[side]), Side.LEFT)
        key = fields.items[silent].key
        if is_empty(fields.now[silent.other].get(name)):
            return None
        reason = f"{name} of {key} cannot be told, or {key} is not where the field is"
        return Difference(name, silent, Why.LIMIT, reason)

    def _difference(self, name: Field) -> Difference | None:
        fields, draft = self._fields, self._draft
        if fields.rule(name).direction is Direction.OFF or name in draft.refusals:
            return draft.refusals.get(name)
        field_type = fields.field_type(name)
        limited = self._limited(name, field_type)
        if limited is not None:
            return limited
        written = any(name in draft.wanted[side] for side in Side)
        if written or fields.agree(name, field_type) or fields.inexact(name, field_type):
            return None
        return self._skipped(name) or self._unexplained(name, field_type)

    def _limited(self, name: Field, field_type: FieldType) -> Difference | None:
        """What a side has no room for, whether or not the rest of the field is written."""
        skip = self._skipped(name)
        if skip is not None and skip.why is Why.LIMIT:
            return skip
        fields = self._fields
        limit = (
            fields.limit(name, field_type)
            or fields.beyond_columns(name, field_type)
            or fields.strangers(name, field_type)
        )
        return None if limit is None else Difference(name, limit.side, limit.why, limit.reason)

    def _skipped(self, name: Field) -> Difference | None:
        """What the decision itself said of a field it does not write."""
        skip = next((one for one in self._draft.skips if one.field is name), None)
        return None if skip is None else Difference(name, skip.side, skip.why, skip.reason)

    def _unexplained(self, name: Field, field_type: FieldType) -> Difference:
        """A difference of which this decision has said nothing yet."""
        moved = self._fields.moved(name, field_type)
        sides = [side.other for side in moved] or list(Side)
        obstacles = [each for to in sides if (each := self._fields.obstacle(name, to)) is not None]
        found = next(iter(obstacles), None) or self._fields.standing(name, field_type)
        if found is not None:
            return Difference(name, found.side, found.why, found.reason)
        earlier = next((one for one in self._fields.link.differs if one.field is name), None)
        return earlier or Difference(name, Side.RIGHT, Why.CONFLICT, f"both sides differ in {name}")
