"""Carrying the value of one field to the other side of a link: whether it may go there, and as what it arrives."""

from __future__ import annotations

from collections.abc import Callable

from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.draft import LinkDraft
from syncer.core.field_types import Carried, FieldType, Unmapped
from syncer.core.linked import DIRECTED, LinkedFields, cycle
from syncer.core.set_fields import SetField
from syncer.core.side_view import ViewValue, ends_of
from syncer.core.waiting import Why


class Carrier:
    """Carries fields of one link, and notes in its draft what it may not carry."""

    def __init__(self, fields: LinkedFields, draft: LinkDraft) -> None:
        self._fields, self._draft = fields, draft

    def carry(self, name: Field, field_type: FieldType, to: Side, base: ViewValue, why: str = "") -> None:
        """Has a side show what the other shows now, given what the other showed when both agreed.

        `why` is said of it where it is another reason than that the field was changed there.
        """
        there = self._fields.items[to.other].key
        if self._fields.was_cut(name, to.other):  # whoever may read it
            self._draft.skip(to, name, Why.LIMIT, f"{name} was cut on {there}; an edit there is not carried back")
            return
        if not self.allowed(name, to):
            return
        if (value := self.translate(name, field_type, to, base)) is None:
            return
        if field_type.same(to, value.value, self._fields.now[to].get(name)):
            self._shows_already(name, field_type, to)
            return
        self._draft.put(name, to, value, why or f"{name} changed on {there}")

    def _shows_already(self, name: Field, field_type: FieldType, to: Side) -> None:
        """Nothing is to be written to a side; what was added there to a set still counts as changed there."""
        if isinstance(field_type, SetField) and to in self._fields.moved(name, field_type):
            self._draft.set_base(name, to.other, self._fields.now[to.other][name])
        else:
            self._draft.record(name)

    def translate(self, name: Field, field_type: FieldType, to: Side, base: ViewValue) -> Carried | None:
        """What the other side shows, in terms of this one. None where that cannot be written; the draft says why."""
        there, here = self._fields.now[to.other][name], self._fields.now[to].get(name)
        return self._translated(name, to, lambda: field_type.carry(to, base, there, here))

    def chosen(self, name: Field, field_type: FieldType, to: Side) -> Carried | None:
        """What the other side shows, where a person decided for it. None as for `translate`."""
        there, here = self._fields.now[to.other][name], self._fields.now[to].get(name)
        return self._translated(name, to, lambda: field_type.chosen(to, there, here))

    def _translated(self, name: Field, to: Side, translation: Callable[[], Carried]) -> Carried | None:
        try:
            carried = translation()
        except Unmapped as unmapped:
            self._draft.skip(to, name, Why.UNMAPPED, str(unmapped))
            return None
        return None if self.closes_a_cycle(name, to, carried.value) else carried

    def closes_a_cycle(self, name: Field, to: Side, value: ViewValue) -> bool:
        """Whether a value has a new edge that would lead a task back to itself, which is then held."""
        if name not in DIRECTED:
            return False
        context, shown = self._fields.context, ends_of(self._fields.now[to].get(name))
        new = [end for end in ends_of(value) if end not in shown]
        found = cycle(self._fields.items[to].ref.id, new, lambda task: context.ends(to, name, task))
        if found:
            keys = " → ".join(context.task_key(to, Ref(Kind.TASK, task)) or task for task in found)
            reason = f"{name} of {self._fields.items[to.other].key} is not carried: it would close the cycle {keys}"
            self._draft.cycles = True
            self._draft.skip(to, name, Why.CYCLE, reason)
        return bool(found)

    def allowed(self, name: Field, to: Side, *, quiet: bool = False) -> bool:
        """Whether the rules and the readers of a side let a field be written there; `quiet` notes no obstacle."""
        obstacle = self._fields.obstacle(name, to)
        if obstacle is not None and obstacle.why in {Why.AUDIENCE, Why.HIDDEN, Why.ELSEWHERE} and not quiet:
            self._draft.obstructed(name, obstacle)
            # Nothing of the item changes once it is told who may read it: it is looked at until then.
            self._draft.waits = self._draft.waits or self._fields.items[to.other].audience_untold
        return obstacle is None
