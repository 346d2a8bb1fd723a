"""What a run of a pair does under its lease, top to bottom: read, settle what was left open, decide, guard, write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncer.contract.errors import ReadOnly
from syncer.contract.model import Kind, Ref, Side
from syncer.core.change import ChangeSet, Create, Reconciled, Record, Skip, Tally
from syncer.core.decision_context import DecisionContext
from syncer.core.guard import Refusal, inspect
from syncer.core.records import Link
from syncer.core.rules import Command
from syncer.core.waiting import Why
from syncer.store import Lease
from syncer.sync.code import read_code
from syncer.sync.comment_digests import compose_digests
from syncer.sync.context import CreatesSpent, Duty, OutOfBudget, PairContext
from syncer.sync.decide import Decider
from syncer.sync.gather import StorePages, decision_context
from syncer.sync.identities import bind_people, refresh_rosters
from syncer.sync.import_history import Busyness, UnconfirmedField, import_history, settle_doubts
from syncer.sync.ledger import waiting
from syncer.sync.lineage import (
    Unlinked,
    agree_to_creates,
    another_copy,
    apply_rule_change,
    distrust_the_backup,
    introduce,
    notice_loss,
    tell_awaiting,
    tell_oddities,
    unlinked,
)
from syncer.sync.missing import MissingItems
from syncer.sync.outcome import Refused
from syncer.sync.prune import prune_if_due
from syncer.sync.pull import learn_readers, partners, pull, reading_order
from syncer.sync.recognise import recognised
from syncer.sync.recover import recover
from syncer.sync.replaced_fields import forget_replaced
from syncer.sync.steering import note_pauses
from syncer.sync.sub_task_lists import renew_lists
from syncer.sync.write import Attaching, AudienceChanged, Creates, Updates, Withdrawn, Writer

ROUNDS = 3
"""How often one run looks again at what moved while it was writing."""

IN_ORDER = (Kind.MILESTONE, Kind.TASK, Kind.COMMENT)
"""Tasks refer to milestones, comments belong to tasks."""


@dataclass(slots=True)
class PairRun:
    """One pass over one pair, under its lease."""

    context: PairContext
    lease: Lease
    tally: Tally
    pages: StorePages
    sent_before: int = 0
    """Requests that the connectors had sent before it."""
    moved: int = 0
    """How many tasks reading found changed."""
    newer: dict[Side, frozenset[Ref]] = field(default_factory=dict)
    """The tasks of each side of which files may have been deleted."""
    confirmed: dict[Side, datetime] = field(default_factory=dict)
    """When this run was told who can read a side."""
    remark: str = ""
    """What is said at the end of a run that goes well."""
    closed: dict[Side, ReadOnly] = field(default_factory=dict)
    """The sides that take nothing at present, as writing to them told."""
    spent: dict[Side, CreatesSpent] = field(default_factory=dict)
    """The sides on which nothing more may be created for now."""
    reading: Side | None = None
    """The side that is being read."""
    known: tuple[object, DecisionContext] | None = None
    """What decisions depended on when it was last put together, and as of which version of the state."""
    asks_who: bool = False
    """Whether a label pauses something new: people want to know who set it."""

    def execute(self, *, approve: str | None, sweep: bool, approve_creates: int | None) -> None:
        """Brings both sides in step, or only reads them where the pair watches. Raises what ends a run early."""
        rules_changed = apply_rule_change(self.context, self.lease)
        found = self.look(sweep=sweep or rules_changed)
        if self.tally.swept:
            self.context.store.links.look_again(self.lease)
        recover(self.writer(self.decision_context()), swept=self.tally.swept)
        self.judge_state(found)
        self.asks_who = note_pauses(self.context, self.lease, found.labelled)
        self.listen()
        if not self.context.watches:
            self.bring_in_step(approve, approve_creates)
            self.answer(tried=True)
            self.show_conflicts()
        if self.tally.swept:
            refresh_rosters(self.context, self.lease)
        self.import_history()
        self.read_code()
        prune_if_due(self.context, self.lease)
        if not self.context.watches:
            self.tally.message = self.awaiting() or self.remark
        for refusal in self.closed.values():
            raise refusal

    def listen(self) -> None:
        """Does what people said in comments, and answers, before a guard may stop the run."""
        if obeys_nobody(self.context):
            return
        from syncer.sync.commands import obey  # much, and most pairs obey nobody

        self.tally.commands = obey(self.context, self.lease)
        self.answer(tried=False)

    def answer(self, *, tried: bool) -> None:
        """Gives the answers that are due; those to a `retry` once it was `tried`."""
        if self.context.rules.commands.allow and self.context.store.commands.unanswered(self.context.name):
            from syncer.sync.commands import answer

            self.tally.answers += answer(self.writer(self.decision_context()), tried=tried)

    def show_conflicts(self) -> None:
        """Shows which fields wait for a decision, where people may decide in comments."""
        if Command.TAKE in self.context.rules.commands.allow:
            from syncer.sync.conflict_lines import show_conflicts

            self.tally.answers += show_conflicts(self.context, self.lease)

    def bring_in_step(self, approve: str | None, approve_creates: int | None) -> None:
        """Writes all that is due, once nothing needs a person's consent first."""
        for side in Side:
            if self.newer[side]:
                Withdrawn(self.writer(self.decision_context()), side).notice(self.newer[side])
        self.context.store.links.wake(self.lease)
        self.look_for_twins()
        if approve_creates is not None:
            self.agree_to_creates(approve_creates)
        if self.consent(approve):
            try:
                for kind in IN_ORDER:
                    self.keep_in_step(kind)
                for kind in IN_ORDER:
                    self.write_new(kind)
                if Duty.BACKLOG in self.context.duties:
                    for kind in IN_ORDER:
                        self.write(kind, None)
                self.take_turns()
            except OutOfBudget:
                self.import_history()  # asking for the past uses none of the budget of writes
                self.awaiting()
                raise

    def look_for_twins(self) -> None:
        """Raises Refused where a first sync would double what both sides have."""
        if not is_first(self.context):
            return
        from syncer.sync.twins import alike_without_link, doubled  # much, and no later run needs it

        if count := alike_without_link(self.context):
            raise Refused([Refusal(doubled(self.context.name, count))], None)

    def look(self, *, sweep: bool) -> Unlinked:
        """Reads both sides, completely after a restore. Raises Refused where another copy of this state is at work."""
        introduce(self.context, self.lease)
        bind_people(self.context, self.lease)
        store, pair = self.context.store, self.context.name
        # While nothing is known that would wait, a complete reading may end the doubt without anybody's consent.
        unsure = store.lineage.creates_await_consent(pair) is not None and not store.pairs.creates_waiting(pair)
        self.read(sweep=sweep or unsure or store.lineage.restored_at(pair) is not None)
        found = unlinked(self.context)
        if (refusal := another_copy(self.context, found)) is not None:
            raise Refused([refusal], None)
        return found

    def judge_state(self, found: Unlinked) -> None:
        """Finds out whether the state was lost or restored, and what it says therefore needs a person."""
        tell_oddities(self.context, found, self.tally)
        notice_loss(self.context, self.lease, found)
        if self.context.store.lineage.restored_at(self.context.name) is not None:
            distrust_the_backup(self.context, self.lease, self.decision_context())

    def agree_to_creates(self, number: int) -> None:
        """Lets creates go on that wait for consent. Raises Refused where a person was told of another number."""
        try:
            agree_to_creates(self.context, self.lease, self.missing(self.decision_context()), number)
        except ValueError as error:
            raise Refused([Refusal(str(error))], None) from None

    def read_code(self) -> None:
        """Reads pull requests and releases where that is due, and has tasks and versions show what the rules want."""
        read = read_code(self.context, self.lease)
        if (read or self.tally.swept) and not self.context.watches:
            from syncer.sync.pull_links import show_pulls  # most runs read no code
            from syncer.sync.released import mark_versions

            self.tally.pulls = show_pulls(self.writer(self.decision_context()))
            mark_versions(self.writer(self.decision_context()))

    def awaiting(self) -> str:
        """Which creates wait for a person's consent, and why; the state says the same from now on."""
        return tell_awaiting(self.context, self.lease, self.missing(self.decision_context()), complete=self.tally.swept)

    def import_history(self) -> None:
        """Asks for the past of what is new, and who made what changed."""
        connectors = self.context.connectors.values()
        spent = sum(connector.requests for connector in connectors) - self.sent_before
        self.tally.untold = import_history(self.context, self.lease, spent=spent, busy=self.busy())

    def busy(self) -> Busyness:
        """How much this run had to do."""
        if self.tally.swept or self.asks_who or (self.tally.writes and self.moved > 1):
            return Busyness.LARGE
        return Busyness.SMALL if self.tally.writes else Busyness.QUIET

    def consent(self, approve: str | None) -> bool:
        """Whether there is anything to do, and nothing that needs a person first. Raises Refused.

        The change set is decided here for the guard and let go; each kind is decided again when its turn comes, since
        tasks need the links of their milestones and comments those of their tasks.
        """
        changes = self.decided()
        self.guard(changes, approve)
        linked = {ref for record in changes.of(Record) for ref in (record.link.left, record.link.right)}
        alone = [skip for skip in changes.of(Skip) if skip.item.ref not in linked]
        self.tally.leave_alone(alone)
        self.tally.kept_back = dict(Counter(skip.why.value for skip in alone if skip.why is not Why.CONSENT))
        self.tally.remaining = sum(isinstance(change, Create) for change in changes.changes)
        if is_first(self.context):
            self.tally.first_sync = changes.tasks_to_create()
        return not changes.empty

    def decided(self) -> ChangeSet:
        """All that is due now, once it is known who can read what would be carried."""
        trusting = replace(self.decision_context(), trusting=True)
        compose_digests(self.context, self.lease, trusting)
        renew_lists(self.context, self.lease, trusting)
        changes = self.decider(trusting).change_set()
        if not learn_readers(self.context, self.lease, changes, trusting.audiences):
            return changes
        del changes  # in a first sync it holds every item there is, and the next one is as large
        decision_context = self.decision_context()
        compose_digests(self.context, self.lease, decision_context)
        return self.decider(decision_context).change_set()

    def read(self, *, sweep: bool) -> None:
        """Reads both sides into the store."""
        refusals = []
        fresh: frozenset[Ref] = frozenset()
        for side in reading_order(self.context):
            self.reading = side
            pulled = pull(self.context, self.lease, side, sweep=sweep, fresh=fresh)
            fresh = partners(self.context, side, pulled.moved)
            self.tally.swept = self.tally.swept or pulled.swept
            self.moved += len(pulled.moved)
            self.newer[side] = pulled.newer
            if pulled.refusal is not None:
                refusals.append(pulled.refusal)
        bind_people(self.context, self.lease)
        self.reading = None
        if refusals:
            raise Refused(refusals, None)
        forget_replaced(self.context, self.lease)

    def guard(self, changes: ChangeSet, approve: str | None) -> None:
        """Refuses a change set that is too large to be written without a person's consent."""
        linked = self.context.store.links.count(self.context.name).get(Kind.TASK, 0)
        refusals = inspect(changes, linked, self.context.rules.guard)
        if refusals and approve != changes.digest:
            raise Refused(refusals, changes.digest)
        if approve is not None and not refusals:
            self.remark = "nothing was refused, so --approve changed nothing"

    def keep_in_step(self, kind: Kind) -> None:
        """Writes what is due to items that are linked already, before anything is created.

        What somebody took back must not wait for a backfill, which may need many runs. Only the milestones of a task
        that are to be created first are left to `write`.
        """
        for attempt in range(ROUNDS):
            decision_context = self.decision_context()
            decider, updates = self.decider(decision_context).before_creations(), Updates(self.writer(decision_context))
            try:
                Creates(updates.writer).adopt(recognised(self.context, kind))
                moved, told = self.update(updates, decider, kind)
            except AudienceChanged:
                continue
            if not told and (not moved or attempt):
                return

    def write_new(self, kind: Kind) -> None:
        """Creates what people made since the pair was first read: it must not wait for the backlog.

        All milestones are part of it: they are few, and tasks wait for them.
        """
        new = None if kind is Kind.MILESTONE else self.context.store.observed.new_work(self.context.name, kind)
        if new is None or new:
            self.write(kind, new)

    def take_turns(self) -> None:
        """Lets other pairs have what this one needs no more. Raises CreatesSpent where it still needs a budget."""
        for side in Side if Duty.BACKLOG in self.context.duties or not self.tally.remaining else ():
            if side not in self.spent:
                self.context.store.budgets.backfilled(self.context.credentials[side], self.context.name)
        if self.spent:
            raise min(self.spent.values(), key=lambda spent: spent.wait)

    def write(self, kind: Kind, new: Collection[tuple[Side, Ref]] | None) -> None:
        """Creates what is missing of one kind, and writes what follows: what is pending of new items, their edges.

        Of what is missing only `new`, where it is given; else what is left is the backlog.
        """
        for attempt in range(ROUNDS):
            decision_context = self.decision_context()
            writer = self.writer(decision_context)
            decider, updates = self.decider(decision_context), Updates(writer)
            creates = Creates(writer, self.finish, backfill=new is None and kind is not Kind.MILESTONE)
            try:
                creates.adopt(recognised(self.context, kind))
                moved, told = self.update(updates, decider, kind)
                found = self.missing(decision_context).of(kind, only=new)
                missing = [one for one in found if isinstance(one, Create) and one.side not in self.spent]
                creates.create(missing)
                if missing:
                    introduce(self.context, self.lease)  # some trackers tell who we are only by what we created
            except AudienceChanged:
                continue
            woken = self.context.store.links.wake(self.lease)
            if not missing and not woken and not told and not (moved and attempt == 0):
                return

    def finish(self, links: Sequence[Link]) -> None:
        """Writes what is pending of items that were created a moment ago; what is in doubt is left for later."""
        decision_context = self.decision_context()
        updates, decider = Updates(self.writer(decision_context)), self.decider(decision_context)
        with updates.together():
            for decided in decider.of(links):
                if not decided.doubts:
                    updates.reconcile(self.attach(updates.writer, decider, decided) if decided.files else decided)

    def update(self, updates: Updates, decider: Decider, kind: Kind) -> tuple[bool, bool]:
        """Reconciles every unsettled link of a kind: whether there was any, and whether a history told more of one."""
        any_decided, doubts = False, []
        with updates.together():
            for decided in decider.reconciled(kind):
                with suppress(ReadOnly):  # what it takes no part of stays as it is, and nothing else waits for it
                    updates.reconcile(self.attach(updates.writer, decider, decided) if decided.files else decided)
                doubts += [UnconfirmedField(decided.record.link.id, side, name) for side, name in decided.doubts]
                any_decided = True
        return any_decided, bool(doubts) and settle_doubts(self.context, self.lease, doubts)

    def attach(self, writer: Writer, decider: Decider, decided: Reconciled) -> Reconciled:
        """Adds the files that a text refers to; the decision once they are known."""
        for wanted in decided.files:
            Attaching(writer).carry(wanted)
        return replace(decider, decision_context=self.decision_context()).again(decided)

    def waiting(self) -> Counter[Why]:
        """How much waits for a person, by the reason."""
        self.tally.waiting = waiting(self.context.store, self.context.name)
        return Counter(one.why for one in self.tally.waiting if one.needs_a_person)

    def decision_context(self) -> DecisionContext:
        """What decisions depend on, as the store has it now; put together anew once it or a tracker says otherwise."""
        able = [self.context.connectors[side].capabilities for side in Side]
        version = (self.context.store.pairs.version(self.context.name), able)
        if self.known is None or self.known[0] != version:
            self.known = version, decision_context(self.context, self.pages)
        return replace(self.known[1], now=self.context.now())

    def decider(self, decision_context: DecisionContext) -> Decider:
        """Decisions in a context."""
        return Decider(self.context, decision_context)

    def missing(self, decision_context: DecisionContext) -> MissingItems:
        """What one side has and the other lacks, in a context."""
        return MissingItems(self.context, decision_context)

    def writer(self, decision_context: DecisionContext) -> Writer:
        """A writer of what was decided in a context."""
        return Writer(
            self.context, self.lease, decision_context, self.tally,
            confirmed=self.confirmed, closed=self.closed, spent=self.spent,
        )  # fmt: skip


def obeys_nobody(context: PairContext) -> bool:
    """Whether no comment may command anything, and none was obeyed when the rules were others."""
    known, name = context.store.commands, context.name
    heard = any(known.obeying(name, side) is not None for side in Side) or known.unanswered(name)
    return not context.rules.commands.allow and not heard


def is_first(context: PairContext) -> bool:
    """Whether a pair has nothing in step yet."""
    return not any(context.store.links.count(context.name).values())
