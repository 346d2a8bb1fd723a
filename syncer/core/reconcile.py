"""The decision table: what one run changes for one link, as data.

For each field, each side's showing is compared with its own base:

| left    | right   | decision                                                                    |
|---------|---------|-----------------------------------------------------------------------------|
| same    | same    | nothing                                                                     |
| changed | same    | carry to the right                                                          |
| same    | changed | carry to the left                                                           |
| changed | changed | agree: record · mergeable (sets, text in different blocks): both · else a conflict, settled by the field's policy and always recorded with both values |
| gone    | same    | close the other side, once                                                  |
| gone    | changed | the edit wins: hold and report, never resurrect                             |
| no base | no base | agree: record · one is empty: fill it · sets: union · else a conflict        |

Edges to other tasks are compared as far as both ends are linked. One that would close a ring is not written: the link is
held with the ring's name, and looked at again in every run.

What may not be carried (direction, audience, no row in a map) keeps its base, so that a later edit of the other side is
seen as a conflict and not as an overwrite.
"""  # noqa: E501 - a table

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.audience import ATTACHMENTS, COMMENTS, may_carry
from syncer.core.change import Record, Skip, Update
from syncer.core.codec import digest
from syncer.core.files import WantedFiles
from syncer.core.lenses import (
    Carried,
    EdgesLens,
    Lens,
    NamesLens,
    PartneredLens,
    ProseLens,
    TermLens,
    Unmapped,
)
from syncer.core.prose import Origin
from syncer.core.records import RESTORED, Conflict, LinkedItems, Why
from syncer.core.rings import DIRECTED, ring
from syncer.core.rules import Direction, FieldRule, Policy
from syncer.core.situation import ORDER, Situation, field_rule, is_done, is_open, lens_for, mirror_origin
from syncer.core.terms import Term
from syncer.core.view import ViewValue, decode_view, encode_view, ends_of


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The decision about one link: what to write, and the link once those fields that need no write are recorded."""

    record: Record
    updates: tuple[Update, ...] = ()
    skips: tuple[Skip, ...] = ()
    files: tuple[WantedFiles, ...] = ()
    """To be added before the updates are written: with them the texts read differently."""
    waits: bool = False
    """A file is still missing, so the link is not settled whatever is written."""


@dataclass(slots=True)
class _Draft:
    """What accumulates while the fields of one link are decided."""

    base: dict[Side, dict[str, Any]]
    wanted: dict[Side, dict[Field, ViewValue]] = field(default_factory=lambda: {side: {} for side in Side})
    reasons: dict[Side, list[str]] = field(default_factory=lambda: {side: [] for side in Side})
    conflicts: list[Conflict] = field(default_factory=list)
    agreed: set[Field] = field(default_factory=set)
    skips: list[Skip] = field(default_factory=list)
    truncated: dict[str, set[str]] = field(default_factory=dict)
    files: list[WantedFiles] = field(default_factory=list)
    waits: bool = False
    """A file is tried again later, so the link is looked at again."""
    held: list[str] = field(default_factory=list)
    """Why something that would do harm is not written."""


class LinkReconciler:
    """Decides one link. Made for one pass over one link; `decide` is called once."""

    def __init__(self, situation: Situation, items: LinkedItems, left: Observed, right: Observed) -> None:
        self._situation = situation
        self._link = items.link
        self._items: dict[Side, Observed] = {Side.LEFT: left, Side.RIGHT: right}
        self._now = {side: situation.views[side].look(item) for side, item in self._items.items()}
        encoded = {side: dict(items.link.base.get(side, {})) for side in Side}
        self._base = {side: {Field(name): decode_view(value) for name, value in encoded[side].items()} for side in Side}
        self._draft = _Draft(encoded)
        memory = items.link.memory
        self._owed = {side: set(memory.get("owed", {}).get(side.value, ())) for side in Side}
        self._restored: frozenset[str] = frozenset(memory.get(RESTORED, ()))
        self._draft.truncated = {side: set(fields) for side, fields in memory.get("truncated", {}).items()}

    def decide(self) -> Reconciled:
        """The updates of both sides, and the record of everything that needs none."""
        for name in ORDER:
            if all(name in self._now[side] for side in Side) or any(name.value in self._owed[side] for side in Side):
                self._decide_field(name)
        self._decide_files()
        updates = tuple(update for side in Side if (update := self._update(side)) is not None)
        link = replace(
            self._link,
            base=self._draft.base,
            memory=self._remember(),
            settled={} if self._draft.waits or self._draft.held else self._digests(),
            reason="; ".join(self._draft.held),
            attempts=0,
            retry_at=None,
        )
        record = Record(link, tuple(self._draft.conflicts), frozenset(self._draft.agreed), "; ".join(self._reasons()))
        return Reconciled(record, updates, tuple(self._draft.skips), tuple(self._draft.files), self._draft.waits)

    def _reasons(self) -> list[str]:
        return [reason for reasons in self._draft.reasons.values() for reason in reasons]

    def _digests(self) -> dict[Side, str]:
        return {side: digest(item) for side, item in self._items.items()}

    # -- one field --------------------------------------------------------------------------------------------------

    def _decide_field(self, name: Field) -> None:
        rule = field_rule(self._situation.rules, self._link.kind, name)
        if rule.direction is Direction.OFF:
            return
        lens = self._lens(name)
        decision = self._situation.decisions.get((self._link.id, name))
        if decision is not None:
            self._apply_decision(name, lens, decision)
            return
        if name.value in self._restored:
            self._after_restore(name, lens)
            return
        if self._stands_still(name, lens):
            return
        owed_to = next((side for side in Side if name.value in self._owed[side]), None)
        if owed_to is not None:
            self._settle_owed(name, lens, owed_to)
            return
        bases = [name in self._base[side] for side in Side]
        if not any(bases):
            self._without_base(name, lens, rule)
        elif not all(bases):
            self._record(name)  # first showing after our own create: there is nothing to compare it with
        else:
            self._with_base(name, lens, rule)

    def _stands_still(self, name: Field, lens: Lens) -> bool:
        """Whether a field that moved stays as it is, because it is not known whose an account in it is by now."""
        if not isinstance(lens, PartneredLens):
            return False
        tables = (self._base, self._now)
        doubt = lens.standstill((side, table[side].get(name)) for table in tables for side in Side)
        if not doubt:
            return False
        bases = all(name in self._base[side] for side in Side)
        if not bases or any(not lens.same(side, self._base[side][name], self._now[side].get(name)) for side in Side):
            self._skip(Side.RIGHT, name, Why.UNMAPPED, doubt)
            self._draft.waits = True  # no digest: once it is known, what moved meanwhile still counts as moved
        return True

    def _with_base(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        moved = [side for side in Side if not lens.same(side, self._base[side][name], self._now[side][name])]
        match moved:
            case []:
                return
            case [side]:
                self._carry(name, lens, side.other, self._base[side][name])
            case _:
                self._both_moved(name, lens, rule)

    def _both_moved(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        if lens.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._record(name)
            return
        if rule.direction is Direction.BOTH and not any(self._was_cut(name, side) for side in Side):
            merged = lens.merge(self._column(self._base, name), self._column(self._now, name))
            if merged is not None and all(self._allowed(name, side, quiet=True) for side in Side):
                self._put_both(name, merged)
                return
        self._conflict(name, lens, rule)

    def _without_base(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        left, right = self._now[Side.LEFT][name], self._now[Side.RIGHT][name]
        if lens.agree(left, right):
            self._record(name)
        elif lens.empty(Side.LEFT, left) or lens.empty(Side.RIGHT, right):
            to = Side.LEFT if lens.empty(Side.LEFT, left) else Side.RIGHT
            self._carry(name, lens, to, None)
        elif isinstance(lens, NamesLens | PartneredLens | EdgesLens) and rule.direction is Direction.BOTH:
            merged = {side: lens.carry(side, None, self._now[side.other][name], self._now[side][name]) for side in Side}
            if all(self._allowed(name, side, quiet=True) for side in Side):
                self._put_both(name, merged)
        elif self._beyond_the_map(name, lens):
            self._record(name)
        else:
            self._conflict(name, lens, rule)

    def _after_restore(self, name: Field, lens: Lens) -> None:
        """A field that was changed since the backup was made: what the base says of it is the past.

        A side is filled only where it was empty by then: one that was emptied since is somebody's edit.
        """
        if lens.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._record(name)
            return
        for side in Side:
            if lens.empty(side, self._now[side][name]) and lens.empty(side, self._base[side].get(name)):
                self._carry(name, lens, side, None)
                return
        self._conflict(name, lens, FieldRule(on_conflict=Policy.ASK))

    def _beyond_the_map(self, name: Field, lens: Lens) -> bool:
        """Whether a side shows a term of which no row of the map says what it is on the other side.

        Such a term contradicts nothing. Taken for a conflict it would be overwritten by what its own mirror began with.
        """
        if not isinstance(lens, TermLens):
            return False
        for to in Side:
            try:
                lens.carry(to, None, self._now[to.other][name], self._now[to][name])
            except Unmapped as unmapped:
                self._skip(to, name, Why.UNMAPPED, str(unmapped))
                return True
        return False

    def _settle_owed(self, name: Field, lens: Lens, to: Side) -> None:
        """A field that could not be given to a fresh create is still to be carried, whatever the bases say."""
        if name not in self._now[to] or name not in self._now[to.other]:
            return
        self._owed[to].discard(name.value)
        if lens.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._record(name)
        else:
            self._carry(name, lens, to, None)

    def _carry(self, name: Field, lens: Lens, to: Side, base: ViewValue) -> None:
        source = to.other
        if not self._allowed(name, to):
            return
        if self._was_cut(name, source):
            self._skip(
                to,
                name,
                Why.LIMIT,
                f"{name} was cut on {self._items[source].key}; an edit there is not carried back",
            )
            return
        if (value := self._translate(name, lens, to, base)) is None:
            return
        if lens.same(to, value.value, self._now[to].get(name)):
            self._record(name)
            return
        self._put(name, to, value, f"{name} changed on {self._items[source].key}")

    def _translate(self, name: Field, lens: Lens, to: Side, base: ViewValue) -> Carried | None:
        try:
            carried = lens.carry(to, base, self._now[to.other][name], self._now[to].get(name))
        except Unmapped as unmapped:
            self._skip(to, name, Why.UNMAPPED, str(unmapped))
            return None
        return None if self._closes_a_ring(name, to, carried.value) else carried

    def _closes_a_ring(self, name: Field, to: Side, value: ViewValue) -> bool:
        """Whether a value has a new edge that would lead a task back to itself, which is then held."""
        if name not in DIRECTED:
            return False
        situation, shown = self._situation, ends_of(self._now[to].get(name))
        new = [end for end in ends_of(value) if end not in shown]
        found = ring(self._items[to].ref.id, new, lambda task: situation.ends(to, name, task))
        if found:
            keys = " → ".join(situation.task_key(to, Ref(Kind.TASK, task)) or task for task in found)
            reason = f"{name} of {self._items[to.other].key} is not carried: it would close the ring {keys}"
            self._draft.held.append(reason)
            self._skip(to, name, Why.RING, reason)
        return bool(found)

    def _was_cut(self, name: Field, side: Side) -> bool:
        """Whether a side shows only the beginning of a field: what is written there is never carried back."""
        return name.value in self._draft.truncated.get(side.value, ())

    # -- files ------------------------------------------------------------------------------------------------------

    def _decide_files(self) -> None:
        """What the text of one side refers to is added to the task of a side that keeps files, and shown there."""
        if self._link.kind is Kind.MILESTONE or not all(Field.BODY in self._now[side] for side in Side):
            return
        # Without a base the texts may differ in nothing but where their files are kept: that is found out first.
        if any(row.field is Field.BODY for row in self._draft.conflicts) and Field.BODY in self._base[Side.LEFT]:
            return
        lens = self._lens(Field.BODY)
        if isinstance(lens, ProseLens):
            for side in Side:
                self._want_files(lens, side)
                self._show_files(lens, side)

    def _want_files(self, lens: ProseLens, to: Side) -> None:
        situation, task, source = self._situation, lens.tasks[to], self._items[to.other]
        addresses = lens.wanted(to, self._now[to.other][Field.BODY]) if situation.rules.attachments else ()
        if not addresses or task is None or not self._allowed(Field.BODY, to, quiet=True):
            return
        audiences = situation.audiences
        if not may_carry(situation.rules, ATTACHMENTS, source, audiences[to.other], audiences[to], task):
            self._skip(to, Field.BODY, Why.AUDIENCE, f"attachments are not published to {task.key}")
            return
        missing = situation.prose.files.missing(to, task, addresses, situation.now)
        for reason in missing.reasons:
            self._skip(to, Field.BODY, Why.LIMIT, reason)
        self._draft.waits = self._draft.waits or missing.waits
        if missing.addresses:
            self._draft.files.append(WantedFiles(to, task, source, missing.addresses))

    def _show_files(self, lens: ProseLens, side: Side) -> None:
        """A side whose text agrees with the other's shows what its task has by now."""
        shown = self._now[side][Field.BODY]
        other = self._draft.base[side.other].get(Field.BODY.value)
        undecided = other is None or not lens.same(side.other, decode_view(other), self._now[side.other][Field.BODY])
        if undecided or Field.BODY in self._draft.wanted[side] or self._was_cut(Field.BODY, side):
            return
        better = lens.refreshed(side, shown) if self._allowed(Field.BODY, side, quiet=True) else None
        if better is not None and better.value != shown:
            self._put(Field.BODY, side, better, f"{self._items[side].key} has the files its text refers to")

    # -- conflicts --------------------------------------------------------------------------------------------------

    def _conflict(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        """Settled at once where the policy names a winner that may be carried; else it waits. A row in either case."""
        winner = self._winner(rule)
        value = None if winner is None else self._winning(name, lens, winner)
        self._draft.conflicts.append(self._conflict_row(name, rule, winner if value is not None else None))
        if winner is None or value is None:
            self._skip(Side.RIGHT, name, Why.CONFLICT, f"both sides changed {name}; it waits for a decision")
            return
        reason = f"{name} changed on both sides; {rule.on_conflict} kept {self._items[winner].key}"
        self._put(name, winner.other, value, reason)

    def _winning(self, name: Field, lens: Lens, winner: Side) -> Carried | None:
        """What the loser should show; None where the winner may not be carried: unpublished, cut short, unmapped."""
        if not self._allowed(name, winner.other, quiet=True) or self._was_cut(name, winner):
            return None
        return self._translate(name, lens, winner.other, self._base[winner].get(name))

    def _winner(self, rule: FieldRule) -> Side | None:
        if rule.direction is not Direction.BOTH:
            return Side.LEFT if rule.direction is Direction.LEFT_TO_RIGHT else Side.RIGHT
        match rule.on_conflict:
            case Policy.LEFT:
                return Side.LEFT
            case Policy.RIGHT:
                return Side.RIGHT
            case Policy.ASK:
                return None
            case Policy.NEWEST:
                later = self._items[Side.RIGHT].updated > self._items[Side.LEFT].updated
                return Side.RIGHT if later else Side.LEFT

    def _conflict_row(self, name: Field, rule: FieldRule, winner: Side | None) -> Conflict:
        left, right = (encode_view(self._now[side][name]) for side in Side)
        base_left, base_right = (encode_view(self._base[side].get(name)) for side in Side)
        at = self._situation.now
        decided = None if winner is None else winner.value
        return Conflict(
            0, self._link.pair, self._link.id, name, left, right, base_left, base_right, rule.on_conflict.value, at,
            decision=decided, decided_at=at if decided else None, settled_at=at if decided else None,
        )  # fmt: skip

    def _apply_decision(self, name: Field, lens: Lens, decision: str) -> None:
        if decision in {Side.LEFT.value, Side.RIGHT.value}:
            source = Side(decision)
            value = self._translate(name, lens, source.other, self._base[source].get(name))
            if value is not None:
                self._put(name, source.other, value, f"a person kept {self._items[source].key}")
            return
        try:
            typed = {
                side: lens.typed(side, decision.removeprefix("value:"), self._now[side].get(name)) for side in Side
            }
        except Unmapped as unmapped:
            self._skip(Side.RIGHT, name, Why.CONFLICT, str(unmapped))
            return
        for side, value in typed.items():
            self._put(name, side, value, "a person decided")

    # -- effects ----------------------------------------------------------------------------------------------------

    def _put(self, name: Field, to: Side, value: Carried, reason: str) -> None:
        self._draft.wanted[to][name] = value.value
        self._draft.reasons[to].append(reason)
        self._draft.agreed.add(name)
        cut = self._draft.truncated.setdefault(to.value, set())
        cut.add(name.value) if value.truncated else cut.discard(name.value)

    def _put_both(self, name: Field, merged: Mapping[Side, Carried]) -> None:
        closing = [side for side, value in merged.items() if self._closes_a_ring(name, side, value.value)]
        if closing:
            return
        self._record(name)
        for side, value in merged.items():
            if value.value != self._now[side][name]:
                self._put(name, side, value, f"{name} changed on both sides and was merged")

    def _record(self, name: Field) -> None:
        for side in Side:
            if name in self._now[side]:
                self._draft.base[side][name.value] = encode_view(self._now[side][name])
        self._draft.agreed.add(name)

    def _skip(self, side: Side, name: Field, why: Why, reason: str) -> None:
        self._draft.skips.append(Skip(side, self._items[side.other], name, why, reason))

    def _allowed(self, name: Field, to: Side, *, quiet: bool = False) -> bool:
        situation, kind = self._situation, self._link.kind
        if not field_rule(situation.rules, kind, name).direction.writes(to):
            return False
        if not situation.views[to].writable(kind, name):
            return False
        listed = COMMENTS if kind is Kind.COMMENT else name.value
        source = self._items[to.other]
        if may_carry(
            situation.rules, listed, source, situation.audiences[to.other], situation.audiences[to], self._items[to]
        ):
            return True
        if not quiet:
            self._skip(
                to,
                name,
                Why.AUDIENCE,
                f"{listed} is not published to the wider audience of {self._items[to].key}",
            )
        return False

    def _update(self, side: Side) -> Update | None:
        wanted = self._draft.wanted[side]
        if not wanted:
            return None
        target, source = self._items[side], self._items[side.other]
        patch = self._situation.views[side].patch(self._link.kind, target.showing, wanted)
        if not patch:  # it shows all of that already, some of it in the guise of another field
            for name in wanted:
                self._record(name)
            return None
        agreed = {
            name.value: encode_view(self._now[side.other][name]) for name in wanted if name in self._now[side.other]
        }
        closes = self._closes(target, wanted)
        return Update(
            side, self._link, target, source, patch, "; ".join(self._draft.reasons[side]), closes, agreed, wanted
        )

    def _closes(self, target: Observed, wanted: Mapping[Field, ViewValue]) -> bool:
        status = wanted.get(Field.STATUS)
        return self._link.kind is Kind.TASK and isinstance(status, Term) and is_done(status) and is_open(target)

    def _remember(self) -> dict[str, Any]:
        """The memory of the link: what is owed, what was cut, and the last open term of each side for the way back."""
        memory = dict(self._link.memory)
        memory["owed"] = {side.value: sorted(fields) for side, fields in self._owed.items() if fields}
        memory["truncated"] = {side: sorted(fields) for side, fields in self._draft.truncated.items() if fields}
        memory[RESTORED] = sorted(self._restored - {name.value for name in self._draft.agreed})
        before = memory.get("before", {})
        ends = {side.value: self._situation.views[side].unlinked(item.showing) for side, item in self._items.items()}
        memory["awaits"] = {side: list(unlinked) for side, unlinked in ends.items() if unlinked}
        memory["before"] = {
            side.value: history for side in Side if (history := self._terms_before(side, before.get(side.value, [])))
        }
        return {key: value for key, value in memory.items() if value}

    def _terms_before(self, side: Side, history: list[Any]) -> list[Any]:
        status = self._now[side].get(Field.STATUS)
        if self._link.kind is not Kind.TASK or not isinstance(status, Term):
            return history
        encoded = encode_view(status)
        return [encoded, *(other for other in history if other != encoded)][:4]

    def _column(self, table: Mapping[Side, Mapping[Field, ViewValue]], name: Field) -> dict[Side, ViewValue]:
        return {side: table[side].get(name) for side in Side}

    # -- lenses -----------------------------------------------------------------------------------------------------

    def _lens(self, name: Field) -> Lens:
        return lens_for(self._situation, self._link.kind, name, self._origins(), self._items, self._remembered())

    def _origins(self) -> dict[Side, Origin | None]:
        origin = self._link.origin
        item = self._items[origin]
        return {origin: None, origin.other: mirror_origin(self._situation, origin, item)}

    def _remembered(self) -> dict[Side, list[Term]]:
        before = self._link.memory.get("before", {})
        return {
            side: [term for encoded in before.get(side.value, ()) if isinstance(term := decode_view(encoded), Term)]
            for side in Side
        }
