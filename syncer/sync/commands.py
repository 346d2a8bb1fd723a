"""Commands that people wrote in comments: taken once each, obeyed by what `syncer pause` and the others do, answered.

A comment is kept as taken before anything is done for it, so that it never counts twice. What is done is a row of the
state; the answer alone is written to a tracker, and may be given again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncer.contract.answering import Permitting, Reacting
from syncer.contract.errors import Ambiguous, ReadOnly, Retryable, TrackerError
from syncer.contract.model import Audience, Field, Observed, Side
from syncer.contract.people import renaming
from syncer.core.command_answers import answer_to
from syncer.core.commands import (
    AN_HOUR,
    MOST_AN_HOUR,
    OLDEST,
    WORDS,
    CommandRecord,
    Heard,
    Outcome,
    author_among,
    may_count,
    said_in,
    says_nothing_else,
    source_of,
)
from syncer.core.people import identity_of
from syncer.core.records import OperationState
from syncer.core.rules import Command
from syncer.core.waiting import Why
from syncer.store import Lease
from syncer.store.commands import Obeying
from syncer.sync import steering
from syncer.sync.conflict_lines import take
from syncer.sync.context import OutOfBudget, PairContext
from syncer.sync.identities import rules_of
from syncer.sync.posting import NotPosted, Post, Posting, PostOutcome
from syncer.sync.retry import refused, release_creates, try_again
from syncer.sync.steering import NotSteered, Spot
from syncer.sync.write import AudienceChanged, Writer

A_DAY = timedelta(days=1)
"""So long a tracker's word counts that somebody may write there."""


# --- taken, and obeyed


def obey(context: PairContext, lease: Lease) -> int:
    """Takes what people said in comments since the last run, and does it; how many commands were obeyed."""
    for cut_off in [one for one in context.store.commands.unanswered(context.name) if one.outcome is None]:
        context.store.commands.save(lease, replace(cut_off, outcome=Outcome.CUT_OFF))
    return sum(_Side(context, lease, side).obey() for side in Side)


@dataclass(frozen=True, slots=True)
class ExpectedCommand:
    """A command that the next run would take."""

    side: Side
    task: str
    """The key of its task."""
    said: str
    by: str
    allowed: bool
    """Whether the rules allow it: else it is answered, and not done."""


def spoken(context: PairContext) -> Iterator[ExpectedCommand]:
    """What people said in comments that were read, and that the next run would take. Asks no tracker, keeps nothing.

    The run asks the tracker once more who wrote it and whether they may write there.
    """
    rules = context.rules.commands
    for side in Side:
        known = context.store.commands.obeying(context.name, side)
        if not rules.allow or context.watches or known is None or known.rules != rules.named:
            continue  # what was said before the switch counts for nothing
        heard = _heard(context, side, known)
        for comment in _young(context, side, known, heard):
            said = _said(context, side, comment)
            if said is None or comment.author is None or comment.parent is None or not may_count(comment, heard):
                continue
            task = context.store.observed.get(context.name, side, comment.parent)
            if task is not None and context.store.commands.of(context.name, side, comment.ref) is None:
                by = heard.called[comment.author.id]
                yield ExpectedCommand(side, task.key, said, by, WORDS[said].command in rules.allow)


def _young(context: PairContext, side: Side, known: Obeying, heard: Heard) -> list[Observed]:
    """The comments of a side that came since it was looked through, the oldest first."""
    since, seen = max(heard.since, heard.now - OLDEST), known.looked_at - AN_HOUR
    return list(context.store.observed.comments_since(context.name, side, created=since, seen=seen))


def _heard(context: PairContext, side: Side, known: Obeying) -> Heard:
    """What it depends on whether a comment of a side counts."""
    renamed = renaming(context.connectors[side]) is not None
    identities = context.store.identities.of_pair(context.name, side)
    people: dict[str, str] = {}
    called: dict[str, str] = {}
    for configured, person in zip(context.rules.people, rules_of(context).people, strict=True):
        if person.name not in context.rules.commands.who or side not in person.accounts or side in person.unsure:
            continue
        identity = identity_of(configured, side, identities)
        native = (identity.native if identity is not None else "") if renamed else configured.accounts[side]
        if native:
            people[native] = called[person.accounts[side]] = person.name
    return Heard(
        since=known.since,
        now=context.now(side),
        ours=frozenset(kept.native for kept in context.store.lineage.own_accounts(context.name, side)),
        people=people,
        called=called,
        renamed=renamed,
    )


def _said(context: PairContext, side: Side, comment: Observed) -> str | None:
    source = source_of(comment)
    return said_in(context.connectors[side].markup.read(source), source)


@dataclass(frozen=True, slots=True)
class _Side:
    """The comments of one side."""

    context: PairContext
    lease: Lease
    side: Side

    def obey(self) -> int:
        """Looks through the comments that came since it was done the last time, the oldest first."""
        context, side = self.context, self.side
        began, known = context.clock(), self._obeying()
        if known is None:
            return 0
        heard = _heard(context, side, known)
        obeyed = 0
        for comment in _young(context, side, known, heard):
            if not may_count(comment, heard):
                continue
            taken = self._take(comment, heard)
            if taken is None:
                return obeyed  # all from here on are looked at by the next run
            obeyed += taken
        context.store.commands.set_obeying(self.lease, side, replace(known, looked_at=began))
        return obeyed

    def _obeying(self) -> Obeying | None:
        """Since when the rules of today hold; None where they obey nobody."""
        commands, rules = self.context.store.commands, self.context.rules.commands
        known = commands.obeying(self.context.name, self.side)
        if not rules.allow or self.context.watches:
            if known is not None:
                commands.set_obeying(self.lease, self.side, None)
            return None
        if known is None or known.rules != rules.named:
            known = Obeying(rules.named, self.context.now(self.side), self.context.clock())
            commands.set_obeying(self.lease, self.side, known)
        return known

    def _take(self, comment: Observed, heard: Heard) -> bool | None:
        """Whether what a comment says was done, if it says a command; None where it cannot be asked for now.

        The tracker is asked for it once more: who wrote it, by the id that never changes, and that it stands there so.
        """
        context, commands = self.context, self.context.store.commands
        said = _said(context, self.side, comment)
        if said is None or comment.author is None or commands.of(context.name, self.side, comment.ref) is not None:
            return False
        by, now = heard.called[comment.author.id], context.clock()
        if commands.number_since(context.name, by, now - AN_HOUR) >= MOST_AN_HOUR:
            commands.save(self.lease, self._record(comment, said, by, Outcome.TOO_MANY))
            return False
        (shown,) = context.connectors[self.side].read([comment])
        if (
            isinstance(shown, Observed)
            and author_among(shown, heard) == by
            and _said(context, self.side, shown) == said
        ):
            return self._carry_out(shown, self._record(shown, said, by))
        return None if isinstance(shown, Retryable) else False

    def _record(self, comment: Observed, said: str, by: str, outcome: Outcome | None = None) -> CommandRecord:
        assert comment.parent is not None  # noqa: S101 - a comment
        alone = says_nothing_else(self.context.connectors[self.side].markup.read(source_of(comment)))
        return CommandRecord(
            side=self.side, ref=comment.ref, task=comment.parent, said=said, by=by, at=self.context.clock(),
            alone=alone, outcome=outcome, answered=outcome is Outcome.TOO_MANY,
        )  # fmt: skip

    def _carry_out(self, comment: Observed, record: CommandRecord) -> bool:
        """Keeps a command as taken before anything is done for it, then what became of it; whether it was done."""
        outcome, permitted = self._judged(record, comment)
        record = replace(record, permitted_at=permitted)
        if outcome is None:
            self.context.store.commands.save(self.lease, record)
            outcome = self._done(record)
        self.context.store.commands.save(self.lease, replace(record, outcome=outcome))
        return outcome is Outcome.DONE

    def _judged(self, record: CommandRecord, comment: Observed) -> tuple[Outcome | None, datetime | None]:
        """Why a command is not obeyed, None where it is; and when its author was said to have the permission."""
        context, connector = self.context, self.context.connectors[self.side]
        if record.spoken.command not in context.rules.commands.allow:
            return Outcome.NOT_ALLOWED, None
        told = context.store.commands.permitted_at(context.name, self.side, record.by)
        if not isinstance(connector, Permitting) or (told is not None and timedelta() <= record.at - told < A_DAY):
            return None, None
        assert comment.author is not None  # noqa: S101 - it counts
        try:
            may = connector.may_write(comment.author)
        except TrackerError:
            return Outcome.PERMISSION_UNKNOWN, None
        return (None, record.at) if may else (Outcome.NO_PERMISSION, None)

    def _done(self, record: CommandRecord) -> Outcome:
        """Does what a command says."""
        context, lease = self.context, self.lease
        task = context.store.observed.get(context.name, self.side, record.task)
        if task is None:
            return Outcome.NOT_READ
        spot = Spot(context.store, context.name, self.side, task)
        match record.spoken.command:
            case Command.PAUSE:
                by = f"{record.by}, in a comment"
                steering.pause(spot, lease, by=by, since=record.at, why="", until=None)
                return Outcome.DONE
            case Command.RESUME:
                return _resumed(spot, lease)
            case Command.RETRY:
                return self._retried(spot)
            case Command.RESYNC:
                return self._read(spot)
            case Command.TAKE:
                return take(context, spot, record)

    def _retried(self, spot: Spot) -> Outcome:
        context, link, ends = self.context, spot.link, spot.ends
        again = try_again(
            context.store,
            self.lease,
            context.name,
            lambda items: link is not None and items.link.id == link.id and refused(items.link),
        )
        sources = ends.values()
        created = release_creates(
            context.store, self.lease, context.name, context.clock(), lambda item: item.ref in sources
        )
        return Outcome.DONE if again or created else Outcome.NOTHING_REFUSED

    def _read(self, spot: Spot) -> Outcome:
        try:
            return Outcome.NOT_READ if steering.resync(self.context, self.lease, spot).failed else Outcome.DONE
        except TrackerError:
            return Outcome.NOT_READ


def _resumed(spot: Spot, lease: Lease) -> Outcome:
    try:
        return Outcome.DONE if steering.resume(spot, lease) else Outcome.NOT_PAUSED
    except NotSteered:
        return Outcome.STILL_PAUSED


# --- answered


def answer(writer: Writer, *, tried: bool) -> int:
    """Gives the answers that are due; how many were written. What a tracker did not take is given by the next run.

    Those to a `retry` alone once it was `tried`: then it is known whether it did any good.
    """
    context, written = writer.context, 0
    for record in context.store.commands.unanswered(context.name):
        waits = record.obeyed and record.spoken.command is Command.RETRY
        if waits is not tried:
            continue
        if waits:
            record = _tried(context, record)  # noqa: PLW2901 - what became of it is known by now
        comment = context.store.observed.get(context.name, record.side, record.ref)
        try:
            if comment is not None and record.outcome is not None:
                written += _give(writer, record, comment)
        except _LATER:
            continue
        except (TrackerError, NotPosted):
            pass  # nobody can be answered there
        context.store.commands.save(writer.lease, replace(record, answered=True))
    return written


_LATER = (Retryable, Ambiguous, ReadOnly, AudienceChanged, OutOfBudget)


def _tried(context: PairContext, record: CommandRecord) -> CommandRecord:
    """A `retry` that was obeyed, with what came of it."""
    return replace(record, outcome=Outcome.REFUSED_AGAIN) if _still_refused(context, record) is not None else record


def _still_refused(context: PairContext, record: CommandRecord) -> list[Field] | None:
    """The fields of an item that a tracker refused; none of them where that was its creation; None: nothing is."""
    store, pair = context.store, context.name
    link = store.links.of_item(pair, record.side, record.task)
    if link is None:
        held = store.journal.open(pair, states=(OperationState.HELD,))
        return [] if any((one.side.other, one.source) == (record.side, record.task) for one in held) else None
    return [one.field for one in link.differs if one.why is Why.REFUSED] if refused(link) else None


def _give(writer: Writer, record: CommandRecord, comment: Observed) -> bool:
    """Whether an answer was written: a sign below the comment, and a line of ours on the task.

    Where the tracker has signs, the line is written only for what was not done, which a sign gives no reason of.
    """
    context, connector = writer.context, writer.context.connectors[record.side]
    signs = isinstance(connector, Reacting)
    if isinstance(connector, Reacting):
        writer.prepare(record.side, creates=0)
        connector.react(comment, done=record.obeyed)
    task = context.store.observed.get(context.name, record.side, record.task)
    if task is None:
        return signs
    limited = comment if comment.audience is Audience.RESTRICTED and not comment.audience_untold else None
    name = f"commands.{task.ref.id}" if limited is None else f"commands.{task.ref.id}.{comment.ref.id}"
    again = record.outcome is Outcome.REFUSED_AGAIN
    by = "" if comment.author is None else comment.author.name or comment.author.id
    said = answer_to(record, by, (_still_refused(context, record) or ()) if again else ())
    line = Post(
        name, record.side, task.key, "", said, Audience.PUBLIC, answers=limited, edited_only=signs and record.obeyed
    )
    return Posting(context, writer.lease, line).execute().outcome is not PostOutcome.UNCHANGED or signs
