"""The decision table: what one run changes for one link, as data.

For each field, each side's showing is compared with its own base:

| left    | right   | decision                                                                    |
|---------|---------|-----------------------------------------------------------------------------|
| same    | same    | nothing; where both differ all the same and no rule says why, it waits      |
| changed | same    | carry to the right                                                          |
| same    | changed | carry to the left                                                           |
| changed | changed | agree: record · mergeable (sets, text in different blocks): both · else a conflict, settled by the field's policy and always recorded with both values |
| gone    | same    | close the other side, once                                                  |
| gone    | changed | the edit wins: hold and report, never resurrect                             |
| no base | no base | agree: record · one is empty: fill it · else it waits with both values, whatever the policy |

A field that was written and not yet seen (`syncer.core.pending`) comes first: the side shows it: both bases advance ·
it shows what the tracker's own answer showed instead: a refusal, tried again when that is due · it shows something
else: a person's edit, and the base is what was sent · nobody can tell: it waits with both values.

Edges to other tasks are compared as far as both ends are linked. One that would close a cycle is not written: the link is
held with its tasks named, and looked at again in every run.

What may not be carried (direction, audience, no row in a map) keeps its base, so that a later edit of the other side is
seen as a conflict and not as an overwrite. Whatever then differs and is not about to be written is a `Difference`.
"""  # noqa: E501 - a table

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncer.contract.model import COLUMN, Field, Kind, Observed, Side
from syncer.core.audience import ATTACHMENTS
from syncer.core.carrying import Carrier
from syncer.core.change import Reconciled, Record, with_merged
from syncer.core.conflict_text import Edited, parsed
from syncer.core.decision_context import DecisionContext
from syncer.core.draft import Differences, LinkDraft
from syncer.core.field_types import Carried, FieldType, ProseField, Unmapped, term_of
from syncer.core.files import WantedFiles
from syncer.core.link_memory import Verdict, Way
from syncer.core.link_reason import Because, LinkReason
from syncer.core.linked import LinkedFields
from syncer.core.records import LinkedItems
from syncer.core.rules import Direction, FieldRule, Policy
from syncer.core.set_fields import PartneredField, SetField
from syncer.core.side_view import decode_view
from syncer.core.unconfirmed import PendingReview
from syncer.core.value_map import only_its_column
from syncer.core.waiting import Why


class LinkReconciler:
    """Decides one link. Made for one pass over one link; `decide` is called once."""

    def __init__(self, context: DecisionContext, items: LinkedItems, left: Observed, right: Observed) -> None:
        self._context = context
        self._link = items.link
        self._fields = fields = LinkedFields(context, items, left, right)
        self._items, self._now, self._base = fields.items, fields.now, fields.base
        self._draft = LinkDraft(fields)
        self._carrier = Carrier(fields, self._draft)
        self._unseen = PendingReview(fields, self._draft, self._carrier)

    def decide(self) -> Reconciled:
        """The updates of both sides, and the record of everything that needs none."""
        for name in self._context.rules.order:
            if self._fields.both(name):
                self._decide_field(name)
        self._decide_files()
        updates = with_merged([update for side in Side if (update := self._draft.update(side)) is not None])
        draft = self._draft
        link = replace(
            self._link,
            base=draft.base,
            memory=draft.remember(),
            settled=draft.settled(),
            reason=LinkReason(Because.CYCLE) if draft.cycles else None,
            differs=tuple(Differences(self._fields, draft).all()),
            attempts=self._link.attempts if updates else 0,
            retry_at=None,
        )
        record = Record(link, tuple(draft.conflicts), frozenset(draft.agreed), "; ".join(self._reasons()))
        return Reconciled(record, updates, tuple(draft.skips), tuple(draft.files), draft.waits, tuple(draft.doubts))

    def _reasons(self) -> list[str]:
        return [reason for reasons in self._draft.reasons.values() for reason in reasons]

    # -- one field --------------------------------------------------------------------------------------------------

    def _decide_field(self, name: Field) -> None:
        rule = self._fields.rule(name)
        if rule.direction is Direction.OFF:
            return
        field_type = self._fields.field_type(name)
        decision = self._context.decisions.get((self._link.id, name))
        if decision is not None:
            self._decided(name, field_type, decision)
            return
        if name in self._draft.restored:
            self._after_restore(name, field_type)
            return
        if self._stands_still(name, field_type):
            return
        if name in self._draft.apart:
            self._stay_apart(name, field_type)
            return
        for side in Side:
            if name in self._draft.pending_fields[side] and not self._unseen.settle(
                name, field_type, side, self._draft.pending_fields[side][name]
            ):
                if name in self._draft.agreed:
                    self._fill_column(name, field_type)
                return
        bases = [name in self._base[side] for side in Side]
        if all(bases):
            self._draft.forget_lost_options(name, field_type)
            self._with_base(name, field_type, rule)
        elif any(bases):
            self._one_base(name, field_type)
        else:
            self._without_base(name, field_type)

    def _stands_still(self, name: Field, field_type: FieldType) -> bool:
        """Whether a field that moved stays as it is, because it is not known whose an account in it is by now."""
        if not isinstance(field_type, PartneredField):
            return False
        tables = (self._base, self._now)
        doubt = field_type.standstill((side, table[side].get(name)) for table in tables for side in Side)
        if not doubt:
            return False
        bases = all(name in self._base[side] for side in Side)
        if not bases or any(
            not field_type.same(side, self._base[side][name], self._now[side].get(name)) for side in Side
        ):
            self._draft.skip(Side.RIGHT, name, Why.UNMAPPED, doubt)
            self._draft.waits = True  # no digest: once it is known, what moved meanwhile still counts as moved
        return True

    def _with_base(self, name: Field, field_type: FieldType, rule: FieldRule) -> None:
        moved = self._fields.moved(name, field_type)
        match moved:
            case []:
                self._unmoved(name, field_type)
            case [side]:
                self._carrier.carry(name, field_type, side.other, self._base[side][name])
                if isinstance(field_type, PartneredField):
                    self._take_the_place(name, field_type, rule, side)
            case _:
                self._both_moved(name, field_type, rule)

    def _unmoved(self, name: Field, field_type: FieldType) -> None:
        """What nobody moved agrees, or something is known that keeps it apart; else it waits for a person."""
        fields = self._fields
        if fields.agree(name, field_type) or fields.inexact(name, field_type):
            self._fill_column(name, field_type)
            return
        if (to := self._behind_its_type(name)) is not None:
            self._carrier.carry(name, field_type, to, self._base[to.other][name])
        elif (to := fields.lost_its_option(name, field_type)) is not None:
            self._carrier.carry(name, field_type, to, None, f"{self._items[to].key} lost it with its option")
        elif fields.limit(name, field_type) is None and fields.standing(name, field_type) is None:
            self._draft.wait(name)

    def _fill_column(self, name: Field, field_type: FieldType) -> bool:
        """Whether a task that stands in no column of its board is put into the one of its status."""
        to = self._fields.columnless(name)
        if to is None or not self._fields.agree(name, field_type):
            return False
        why = f"{self._items[to].key} stands in no column"
        self._carrier.carry(name, field_type, to, self._base[to.other].get(name), why)
        return name in self._draft.wanted[to]

    def _behind_its_type(self, name: Field) -> Side | None:
        """The side that shows a status or priority as tasks of another type do, since the type alone was changed.

        Who changes a type means no other status: the side that tells it by labels follows the one that has it.
        """
        rules = self._context.rules
        if not any(field is name for field, _ in rules.by_type) or not self._fields.both(Field.TYPE):
            return None
        moved = self._fields.moved(Field.TYPE, self._fields.field_type(Field.TYPE))
        labelled = [side for side in Side if rules.labels_of(name, side) or rules.options_of(name, side)]
        if not moved:
            return None
        return labelled[0] if len(labelled) == 1 else moved[0].other

    def _both_moved(self, name: Field, field_type: FieldType, rule: FieldRule) -> None:
        if field_type.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._draft.record(name)
            return
        if rule.direction is Direction.BOTH and not any(self._fields.was_cut(name, side) for side in Side):
            merged = self._merged(name, field_type)
            if merged is not None:
                self._put_both(name, merged)
                return
            if isinstance(field_type, SetField):  # two changes of a set never contradict each other
                for side in Side:
                    self._carrier.carry(name, field_type, side, self._base[side.other][name])
                return
        self._conflict(name, field_type, rule)

    def _merged(self, name: Field, field_type: FieldType) -> Mapping[Side, Carried] | None:
        """What both sides should show of a field, where that may be written to both."""
        if not all(self._carrier.allowed(name, side, quiet=True) for side in Side):
            return None
        try:
            return field_type.merge(self._fields.base_column(name), self._fields.column(name))
        except Unmapped:
            return None

    def _take_the_place(self, name: Field, field_type: PartneredField, rule: FieldRule, side: Side) -> None:
        """On a side that holds fewer, the next one of the other side takes the place of whom a person took away."""
        merged = self._merged(name, field_type) if rule.direction is Direction.BOTH else None
        if merged is not None and not field_type.same(side, merged[side].value, self._now[side][name]):
            there = self._items[side.other].key
            self._draft.put(name, side, merged[side], f"{self._items[side].key} has room for {name} of {there}")

    def _without_base(self, name: Field, field_type: FieldType) -> None:
        left, right = self._now[Side.LEFT][name], self._now[Side.RIGHT][name]
        if self._fill_column(name, field_type):
            return
        if field_type.agree(left, right):
            self._draft.record(name)
        elif field_type.empty(Side.LEFT, left) or field_type.empty(Side.RIGHT, right):
            to = Side.LEFT if field_type.empty(Side.LEFT, left) else Side.RIGHT
            self._carrier.carry(name, field_type, to, None, f"{self._items[to].key} shows no {name}")
        else:
            self._one_base(name, field_type)

    def _one_base(self, name: Field, field_type: FieldType) -> None:
        """Nothing is known of how a difference arose: what does not agree waits, whatever the policy."""
        beyond = self._fields.unmapped(name, field_type)
        if beyond is not None:  # taken for a conflict it would be overwritten by what its own mirror began with
            self._draft.obstructed(name, beyond)
            self._draft.record(name)
        elif self._fields.agree(name, field_type):
            self._draft.record(name)
        else:
            self._draft.wait(name)

    def _after_restore(self, name: Field, field_type: FieldType) -> None:
        """A field that was changed since the backup was made: what the base says of it is the past.

        A side is filled only where it was empty by then: one that was emptied since is somebody's edit.
        """
        for side in () if self._fields.agree(name, field_type) else Side:
            if field_type.empty(side, self._now[side][name]) and field_type.empty(side, self._base[side].get(name)):
                self._carrier.carry(name, field_type, side, None)
                return
        self._one_base(name, field_type)

    def _stay_apart(self, name: Field, field_type: FieldType) -> None:
        if self._fields.agree(name, field_type):
            self._draft.apart.discard(name)
            self._draft.record(name)
        else:
            self._draft.wait(name)

    # -- files ------------------------------------------------------------------------------------------------------

    def _decide_files(self) -> None:
        """What the text of one side refers to is added to the task of a side that keeps files, and shown there."""
        if self._link.kind is Kind.MILESTONE or not all(Field.BODY in self._now[side] for side in Side):
            return
        # Without a base the texts may differ in nothing but where their files are kept: that is found out first.
        if any(row.field is Field.BODY for row in self._draft.conflicts) and Field.BODY in self._base[Side.LEFT]:
            return
        field_type = self._fields.field_type(Field.BODY)
        if isinstance(field_type, ProseField):
            for side in Side:
                self._want_files(field_type, side)
                self._show_files(field_type, side)

    def _want_files(self, field_type: ProseField, to: Side) -> None:
        context, task, source = self._context, field_type.tasks[to], self._items[to.other]
        addresses = field_type.wanted(to, self._now[to.other][Field.BODY]) if context.rules.attachments else ()
        if not addresses or task is None or not self._carrier.allowed(Field.BODY, to, quiet=True):
            return
        if not context.may_carry(ATTACHMENTS, to, source, task):
            self._draft.skip(to, Field.BODY, Why.AUDIENCE, f"attachments are not published to {task.key}")
            return
        missing = context.prose.files.missing(to, task, addresses, context.now)
        for reason in missing.reasons:
            self._draft.skip(to, Field.BODY, Why.LIMIT, reason)
        self._draft.waits = self._draft.waits or missing.waits
        if missing.addresses:
            self._draft.files.append(WantedFiles(to, task, source, missing.addresses))

    def _show_files(self, field_type: ProseField, side: Side) -> None:
        """A side whose text agrees with the other's shows what its task, or the original, has by now."""
        shown = self._now[side][Field.BODY]
        other = self._draft.base[side.other].get(Field.BODY.value)
        undecided = other is None or not field_type.same(
            side.other, decode_view(other), self._now[side.other][Field.BODY]
        )
        if undecided or Field.BODY in self._draft.wanted[side] or self._fields.was_cut(Field.BODY, side):
            return
        if not self._carrier.allowed(Field.BODY, side, quiet=True):
            return
        better = field_type.refreshed(side, shown)
        if better is not None and better.value != shown:
            self._draft.put(Field.BODY, side, better, f"{self._items[side].key} has the files its text refers to")
            shown = better.value
        listed = field_type.relisted(side, shown)
        if listed is not None:
            self._draft.put(Field.BODY, side, listed, f"the sub-tasks of {self._items[side.other].key} changed")
            self._draft.renews[side].add(Field.BODY)

    # -- conflicts --------------------------------------------------------------------------------------------------

    def _conflict(self, name: Field, field_type: FieldType, rule: FieldRule) -> None:
        """Settled at once where the policy names a winner that may be carried; else it waits. A row in either case."""
        winner = self._winner(name, rule)
        value = None if winner is None else self._winning(name, field_type, winner)
        self._draft.conflicts.append(
            self._draft.conflict_row(name, rule.on_conflict, winner if value is not None else None)
        )
        if winner is None or value is None:
            self._draft.skip(Side.RIGHT, name, Why.CONFLICT, f"both sides changed {name}; it waits for a decision")
            return
        reason = f"{name} changed on both sides; {rule.on_conflict} kept {self._items[winner].key}"
        self._draft.put(name, winner.other, value, reason)

    def _winning(self, name: Field, field_type: FieldType, winner: Side) -> Carried | None:
        """What the loser should show; None where the winner may not be carried: unpublished, cut short, unmapped."""
        if not self._carrier.allowed(name, winner.other, quiet=True) or self._fields.was_cut(name, winner):
            return None
        return self._carrier.translate(name, field_type, winner.other, self._base[winner].get(name))

    def _is_undated(self, name: Field) -> bool:
        """Whether a side does not tell when a field was changed, so that nobody knows which change is the newest."""
        if self._link.kind is not Kind.TASK:
            return False
        for side, view in self._context.views.items():
            if name is Field.STATUS:
                was, now = (term_of(table[side].get(name)) for table in (self._base, self._now))
                told = view.capabilities.custom.get(COLUMN) if only_its_column(was, now) else None
            else:
                told = view.capabilities.custom.get(name)
            if told is not None and told.undated:
                return True
        return False

    def _winner(self, name: Field, rule: FieldRule) -> Side | None:
        if rule.direction is not Direction.BOTH:
            return Side.LEFT if rule.direction is Direction.LEFT_TO_RIGHT else Side.RIGHT
        match rule.on_conflict:
            case Policy.LEFT:
                return Side.LEFT
            case Policy.RIGHT:
                return Side.RIGHT
            case Policy.ASK:
                return None
            case Policy.NEWEST if self._is_undated(name):
                return None
            case Policy.NEWEST:
                later = self._items[Side.RIGHT].updated > self._items[Side.LEFT].updated
                return Side.RIGHT if later else Side.LEFT

    def _decided(self, name: Field, field_type: FieldType, decision: str) -> None:
        """Writes what a person decided, unless it was written and refused."""
        for side in Side:
            sent = self._draft.pending_fields[side].get(name)
            if sent is not None and sent.way is Way.UPDATED:
                told = Verdict.REFUSED if sent.verdict is Verdict.UNKNOWN else sent.verdict
                self._unseen.settle(name, field_type, side, replace(sent, verdict=told))
                if (side, name) in self._draft.doubts:
                    return
        self._apply_decision(name, field_type, decision)

    def _apply_decision(self, name: Field, field_type: FieldType, decision: str) -> None:
        chosen, who = parsed(decision), f"decided by {self._context.deciders.get((self._link.id, name), 'a person')}"
        if isinstance(chosen, Side):
            value = self._carrier.chosen(name, field_type, chosen.other)
            if value is not None:
                self._draft.put(name, chosen.other, value, f"{self._items[chosen].key} was kept, {who}")
            return
        try:
            typed = {
                side: field_type.edited(side, chosen, self._now[side].get(name))
                if isinstance(chosen, Edited)
                else field_type.typed(side, chosen, self._now[side].get(name))
                for side in Side
            }
        except Unmapped as unmapped:
            self._draft.skip(Side.RIGHT, name, Why.CONFLICT, str(unmapped))
            return
        for side, value in typed.items():
            self._draft.put(name, side, value, who)

    # -- effects ----------------------------------------------------------------------------------------------------

    def _put_both(self, name: Field, merged: Mapping[Side, Carried]) -> None:
        if any(self._carrier.closes_a_cycle(name, side, value.value) for side, value in merged.items()):
            return
        written = {side: value for side, value in merged.items() if value.value != self._now[side][name]}
        if not written:
            self._draft.record(name)
        for side, value in written.items():
            self._draft.put(name, side, value, f"{name} changed on both sides and was merged")
