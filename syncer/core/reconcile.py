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

A field that was written and not yet seen (`syncer.core.settling`) comes first: the side shows it: both bases advance ·
it shows what the tracker's own answer showed instead: a refusal, tried again when that is due · it shows something
else: a person's edit, and the base is what was sent · nobody can tell: it waits with both values.

Edges to other tasks are compared as far as both ends are linked. One that would close a ring is not written: the link is
held with the ring's name, and looked at again in every run.

What may not be carried (direction, audience, no row in a map) keeps its base, so that a later edit of the other side is
seen as a conflict and not as an overwrite. Whatever then differs and is not about to be written is a `Difference`.
"""  # noqa: E501 - a table

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.audience import ATTACHMENTS, may_carry
from syncer.core.change import Record, Skip, Update
from syncer.core.codec import digest
from syncer.core.files import WantedFiles
from syncer.core.lenses import Carried, Lens, ProseLens, Unmapped, Untaken
from syncer.core.linked import LinkedFields, Obstacle, too_long
from syncer.core.records import Conflict, Difference, LinkedItems, Why
from syncer.core.rings import DIRECTED, ring
from syncer.core.rules import Direction, FieldRule, Policy
from syncer.core.settling import (
    APART,
    GIVEN,
    OWED,
    REFUSED,
    Sent,
    Verdict,
    Way,
    decoded,
    mark,
    owed_memory,
    owed_of,
    refusal,
    refused_memory,
    refused_of,
)
from syncer.core.situation import ORDER, Situation, is_done, is_open
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
    doubts: tuple[tuple[Side, Field], ...] = ()
    """Fields of which only the item's own history tells whether a person edited what was sent."""


@dataclass(slots=True)
class _Draft:
    """What accumulates while the fields of one link are decided."""

    base: dict[Side, dict[str, Any]]
    wanted: dict[Side, dict[Field, ViewValue]] = field(default_factory=lambda: {side: {} for side in Side})
    reasons: dict[Side, list[str]] = field(default_factory=lambda: {side: [] for side in Side})
    conflicts: list[Conflict] = field(default_factory=list)
    agreed: set[Field] = field(default_factory=set)
    skips: list[Skip] = field(default_factory=list)
    files: list[WantedFiles] = field(default_factory=list)
    waits: bool = False
    """A file is tried again later, so the link is looked at again."""
    held: list[str] = field(default_factory=list)
    """Why something that would do harm is not written."""
    doubts: list[tuple[Side, Field]] = field(default_factory=list)
    refusals: dict[Field, Difference] = field(default_factory=dict)
    """What was refused and is not tried in this run."""


class LinkReconciler:
    """Decides one link. Made for one pass over one link; `decide` is called once."""

    def __init__(self, situation: Situation, items: LinkedItems, left: Observed, right: Observed) -> None:
        self._situation = situation
        self._link = items.link
        self._fields = fields = LinkedFields(situation, items, left, right)
        self._items, self._now, self._base = fields.items, fields.now, fields.base
        self._draft = _Draft({side: dict(items.link.base.get(side, {})) for side in Side})
        memory = items.link.memory
        self._owed = owed_of(memory)
        self._refused = refused_of(memory)
        self._apart = {Field(name) for name in memory.get(APART, ())}
        self._given = dict(memory.get(GIVEN, {}))

    def decide(self) -> Reconciled:
        """The updates of both sides, and the record of everything that needs none."""
        for name in ORDER:
            if self._fields.both(name):
                self._decide_field(name)
        self._decide_files()
        updates = tuple(update for side in Side if (update := self._update(side)) is not None)
        draft = self._draft
        link = replace(
            self._link,
            base=draft.base,
            memory=self._remember(),
            settled={} if draft.waits or draft.held or draft.doubts else self._digests(),
            reason="; ".join(draft.held),
            differs=tuple(self._differences()),
            attempts=self._link.attempts if updates else 0,
            retry_at=None,
        )
        record = Record(link, tuple(draft.conflicts), frozenset(draft.agreed), "; ".join(self._reasons()))
        return Reconciled(record, updates, tuple(draft.skips), tuple(draft.files), draft.waits, tuple(draft.doubts))

    def _reasons(self) -> list[str]:
        return [reason for reasons in self._draft.reasons.values() for reason in reasons]

    def _digests(self) -> dict[Side, str]:
        return {side: digest(item) for side, item in self._items.items()}

    # -- one field --------------------------------------------------------------------------------------------------

    def _decide_field(self, name: Field) -> None:
        rule = self._fields.rule(name)
        if rule.direction is Direction.OFF:
            return
        lens = self._fields.lens(name)
        decision = self._situation.decisions.get((self._link.id, name))
        if decision is not None:
            self._apply_decision(name, lens, decision)
            return
        if name in self._apart:
            self._stay_apart(name, lens)
            return
        for side in Side:
            if name in self._owed[side] and not self._settle(name, lens, side, self._owed[side][name]):
                return
        bases = [name in self._base[side] for side in Side]
        if all(bases):
            self._with_base(name, lens, rule)
        elif any(bases):
            self._one_base(name, lens)
        else:
            self._without_base(name, lens)

    def _with_base(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        moved = self._fields.moved(name, lens)
        match moved:
            case []:
                self._unmoved(name, lens)
            case [side]:
                self._carry(name, lens, side.other, self._base[side][name])
            case _:
                self._both_moved(name, lens, rule)

    def _unmoved(self, name: Field, lens: Lens) -> None:
        """What nobody moved agrees, or something is known that keeps it apart; else it waits for a person."""
        fields = self._fields
        if not fields.agree(name, lens) and fields.limit(name, lens) is None and fields.standing(name, lens) is None:
            if name.value in self._link.memory.get("inexact", ()):
                return
            self._wait(name)

    def _both_moved(self, name: Field, lens: Lens, rule: FieldRule) -> None:
        if lens.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._record(name)
            return
        if rule.direction is Direction.BOTH and not any(self._was_cut(name, side) for side in Side):
            merged = lens.merge(self._fields.base_column(name), self._fields.column(name))
            if merged is not None and all(self._allowed(name, side, quiet=True) for side in Side):
                self._put_both(name, merged)
                return
        self._conflict(name, lens, rule)

    def _without_base(self, name: Field, lens: Lens) -> None:
        left, right = self._now[Side.LEFT][name], self._now[Side.RIGHT][name]
        if lens.agree(left, right):
            self._record(name)
        elif lens.empty(Side.LEFT, left) or lens.empty(Side.RIGHT, right):
            to = Side.LEFT if lens.empty(Side.LEFT, left) else Side.RIGHT
            self._carry(name, lens, to, None)
        else:
            self._one_base(name, lens)

    def _one_base(self, name: Field, lens: Lens) -> None:
        """Nothing is known of how a difference arose: what does not agree waits, whatever the policy."""
        beyond = self._fields.unmapped(name, lens)
        if beyond is not None:  # taken for a conflict it would be overwritten by what its own mirror began with
            self._obstructed(name, beyond)
            self._record(name)
        elif self._fields.agree(name, lens):
            self._record(name)
        else:
            self._wait(name)

    def _wait(self, name: Field) -> None:
        """Both values are shown to a person; until somebody decides, or both agree, nothing of the field is written."""
        self._apart.add(name)
        for side in Side:
            self._draft.base[side].pop(name.value, None)
        self._draft.conflicts.append(self._conflict_row(name, Policy.ASK, None))
        self._skip(Side.RIGHT, name, Why.CONFLICT, f"{name} differs on both sides; it waits for a decision")

    def _stay_apart(self, name: Field, lens: Lens) -> None:
        if self._fields.agree(name, lens):
            self._apart.discard(name)
            self._record(name)
        else:
            self._wait(name)

    # -- what was written and not yet seen --------------------------------------------------------------------------

    def _settle(self, name: Field, lens: Lens, to: Side, sent: Sent) -> bool:
        """Whether a field that was written to a side goes on by its bases; else it is done with, or waits."""
        now = self._now[to][name]
        if lens.agree(self._now[Side.LEFT][name], self._now[Side.RIGHT][name]):
            self._seen(name, to)
            self._record(name)
            return False
        if not sent.known and sent.way is Way.CREATED:
            sent = self._asked_again(name, lens, to, sent)
        asked, answer = decoded(sent)
        if sent.known:
            try:
                self._rebased(name, to, lens.took(to, self._base[to].get(name), asked, now), sent.source)
            except Untaken:
                pass
            else:
                self._seen(name, to)
                if sent.way is Way.NOT_ASKED:
                    self._keep_gift(name, to)
                return True
        if sent.way is Way.FAILED and name in self._base[to] and lens.same(to, now, self._base[to][name]):
            self._seen(name, to)
            return True
        match self._verdict(lens, to, sent, now, answer):
            case None:
                self._draft.doubts.append((to, name))
                self._skip(to, name, Why.LOST, f"whether {self._items[to].key} took {name} is asked of its history")
                return False
            case Verdict.EDITED:
                return self._edited(name, lens, to, sent)
            case Verdict.REFUSED:
                return self._not_taken(name, lens, to, sent)
            case Verdict.UNKNOWN:
                return self._untold(name, to, sent)

    def _asked_again(self, name: Field, lens: Lens, to: Side, sent: Sent) -> Sent:
        """What a create of an older version asked for, from what the other side showed then."""
        if name not in self._base[to.other]:
            return replace(sent, way=Way.LEFT_OUT)
        try:
            asked = lens.carry(to, None, self._base[to.other][name], None).value
        except Unmapped:
            return replace(sent, way=Way.LEFT_OUT)
        return replace(sent, known=True, asked=encode_view(asked))

    def _verdict(self, lens: Lens, to: Side, sent: Sent, now: ViewValue, answer: ViewValue) -> Verdict | None:
        """Whose doing it is that a side does not show what was sent; None while that is not known."""
        if sent.answered:
            return Verdict.REFUSED if lens.same(to, now, answer) else Verdict.EDITED
        if not sent.known:
            return Verdict.REFUSED
        return sent.verdict

    def _edited(self, name: Field, lens: Lens, to: Side, sent: Sent) -> bool:
        """Somebody edited the field after it was sent: the base is what the side showed before."""
        base = decode_view(sent.shown if sent.answered else sent.asked)
        self._rebased(name, to, base, sent.source)
        if sent.answered and name in self._base[to.other]:
            self._arrived(name, lens, to, base)
        self._seen(name, to)
        return True

    def _not_taken(self, name: Field, lens: Lens, to: Side, sent: Sent) -> bool:
        """The tracker did not do what it was asked for: what belongs to a create is asked for again at once."""
        now = self._now[to][name]
        if sent.way is Way.NOT_ASKED:
            self._rebased(name, to, now, sent.source)
            self._keep_gift(name, to)
            self._seen(name, to)
            return True
        if sent.way is Way.UPDATED:
            self._refused[to][name] = mark(decode_view(sent.asked))
            reason = f"{self._items[to].key} does not show the {name} that was written"
            self._draft.refusals[name] = refusal(self._link, name, to, reason, self._situation.now)
        if sent.first:
            self._owed[to][name] = replace(sent, way=Way.CREATED, answered=True, shown=encode_view(now))
            reached = lens.arrived(to, self._base[to.other].get(name), self._now[to.other][name], now)
            self._carry(name, lens, to, reached if isinstance(reached, tuple) else None)
            return False
        self._rebased(name, to, now, None)
        self._arrived(name, lens, to, now)
        self._seen(name, to)
        return True

    def _untold(self, name: Field, to: Side, sent: Sent) -> bool:
        """Nobody can tell: nothing is taken from either side."""
        self._seen(name, to)
        if sent.way is Way.NOT_ASKED:
            self._rebased(name, to, self._now[to][name], sent.source)
            self._keep_gift(name, to)
            return True
        self._wait(name)
        return False

    def _seen(self, name: Field, to: Side) -> None:
        self._owed[to].pop(name, None)

    def _keep_gift(self, name: Field, to: Side) -> None:
        """Remembers what a tracker gave a new item by itself."""
        if self._now[to][name] != self._base[to.other].get(name):
            self._given[name.value] = encode_view(self._now[to][name])
            self._fields.given[name.value] = self._now[to][name]

    def _rebased(self, name: Field, to: Side, value: ViewValue, source: Any) -> None:
        """Both sides' bases of a field from now on, for the rest of this decision too."""
        self._set_base(name, to, value)
        if source is not None:
            self._set_base(name, to.other, decode_view(source))

    def _arrived(self, name: Field, lens: Lens, to: Side, shown: ViewValue) -> None:
        """Advances the other side's base by what a side took of it: sets, element by element."""
        if name in self._base[to.other]:
            before, now = self._base[to.other][name], self._now[to.other][name]
            self._set_base(name, to.other, lens.arrived(to, before, now, shown))

    def _set_base(self, name: Field, side: Side, value: ViewValue) -> None:
        self._base[side][name] = value
        self._draft.base[side][name.value] = encode_view(value)

    # -- carrying ---------------------------------------------------------------------------------------------------

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
        return name.value in self._fields.cut[side]

    # -- files ------------------------------------------------------------------------------------------------------

    def _decide_files(self) -> None:
        """What the text of one side refers to is added to the task of a side that keeps files, and shown there."""
        if self._link.kind is Kind.MILESTONE or not all(Field.BODY in self._now[side] for side in Side):
            return
        # Without a base the texts may differ in nothing but where their files are kept: that is found out first.
        if any(row.field is Field.BODY for row in self._draft.conflicts) and Field.BODY in self._base[Side.LEFT]:
            return
        lens = self._fields.lens(Field.BODY)
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
        self._draft.conflicts.append(self._conflict_row(name, rule.on_conflict, winner if value is not None else None))
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

    def _conflict_row(self, name: Field, policy: Policy, winner: Side | None) -> Conflict:
        left, right = (encode_view(self._now[side][name]) for side in Side)
        base_left, base_right = (encode_view(self._base[side].get(name)) for side in Side)
        at = self._situation.now
        decided = None if winner is None else winner.value
        return Conflict(
            0, self._link.pair, self._link.id, name, left, right, base_left, base_right, policy.value, at,
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
        """Has a value written, unless the side refused exactly this one and it is too early to ask again."""
        for element in value.left_out:
            self._skip(to, name, Why.LIMIT, too_long(name, (element,), self._items[to]))
        refused = self._refusal(name, to)
        if refused is not None and self._refused[to].get(name) == mark(value.value):
            self._draft.refusals[name] = refused
            return
        self._draft.wanted[to][name] = value.value
        self._draft.reasons[to].append(reason)
        self._draft.agreed.add(name)
        self._apart.discard(name)
        cut = self._fields.cut[to]
        cut.add(name.value) if value.truncated else cut.discard(name.value)

    def _refusal(self, name: Field, to: Side) -> Difference | None:
        """The refusal of a field by a side that is not to be tried again yet."""
        if name in self._draft.refusals:
            return self._draft.refusals[name]
        earlier = (one for one in self._link.differs if (one.field, one.side, one.why) == (name, to, Why.REFUSED))
        found = next(earlier, None)
        due = found is None or (found.retry_at is not None and found.retry_at <= self._situation.now)
        return None if due else found

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
            self._owed[side].pop(name, None)
            self._refused[side].pop(name, None)
        self._draft.agreed.add(name)

    def _skip(self, side: Side, name: Field, why: Why, reason: str) -> None:
        self._draft.skips.append(Skip(side, self._items[side.other], name, why, reason))

    def _obstructed(self, name: Field, obstacle: Obstacle) -> None:
        self._skip(obstacle.side, name, obstacle.why, obstacle.reason)

    def _allowed(self, name: Field, to: Side, *, quiet: bool = False) -> bool:
        obstacle = self._fields.obstacle(name, to)
        if obstacle is not None and obstacle.why is Why.AUDIENCE and not quiet:
            self._obstructed(name, obstacle)
        return obstacle is None

    def _update(self, side: Side) -> Update | None:
        wanted = self._draft.wanted[side]
        if not wanted:
            return None
        target, source = self._items[side], self._items[side.other]
        patch = self._situation.views[side].patch(self._link.kind, target.showing, wanted)
        if not patch:  # it shows all of that already, some of it in the guise of another field
            for name in list(wanted):
                self._record(name)
            wanted.clear()
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

    # -- memory -----------------------------------------------------------------------------------------------------

    def _remember(self) -> dict[str, Any]:
        """The memory of the link: what is owed, what was cut, and the last open term of each side for the way back."""
        memory = dict(self._link.memory)
        memory[OWED] = owed_memory(self._owed)
        memory[REFUSED] = refused_memory(self._refused)
        memory[APART] = sorted(name.value for name in self._apart)
        memory[GIVEN] = self._given
        memory["truncated"] = {side.value: sorted(fields) for side, fields in self._fields.cut.items() if fields}
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

    # -- what differs and is not written ----------------------------------------------------------------------------

    def _differences(self) -> list[Difference]:
        """Every field that differs under the rules and is not about to be written, with the reason."""
        found = (self._difference(name) for name in ORDER if self._fields.both(name))
        return [difference for difference in found if difference is not None]

    def _difference(self, name: Field) -> Difference | None:
        fields, draft = self._fields, self._draft
        if fields.rule(name).direction is Direction.OFF or name in draft.refusals:
            return draft.refusals.get(name)
        lens = fields.lens(name)
        skip = next((one for one in draft.skips if one.field is name), None)
        if skip is not None and skip.why is Why.LIMIT:
            return Difference(name, skip.side, skip.why, skip.reason)
        if (limit := fields.limit(name, lens)) is not None:
            return Difference(name, limit.side, limit.why, limit.reason)
        if any(name in draft.wanted[side] for side in Side):
            return None
        if fields.agree(name, lens) or name.value in self._inexact(name, lens):
            return None
        if skip is not None:
            return Difference(name, skip.side, skip.why, skip.reason)
        return self._unexplained(name, lens)

    def _inexact(self, name: Field, lens: Lens) -> tuple[str, ...]:
        """The field itself where both sides still show what we saw them show after our own write of it."""
        known = name.value in self._link.memory.get("inexact", ())
        return (name.value,) if known and not self._fields.moved(name, lens) else ()

    def _unexplained(self, name: Field, lens: Lens) -> Difference:
        """A difference of which this decision has said nothing yet."""
        moved = self._fields.moved(name, lens)
        sides = [side.other for side in moved] or list(Side)
        obstacles = [each for to in sides if (each := self._fields.obstacle(name, to)) is not None]
        found = next(iter(obstacles), None) or self._fields.standing(name, lens)
        if found is not None:
            return Difference(name, found.side, found.why, found.reason)
        earlier = next((one for one in self._link.differs if one.field is name), None)
        return earlier or Difference(name, Side.RIGHT, Why.CONFLICT, f"{name} differs on both sides")
