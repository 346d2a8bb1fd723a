"""Conflicts that are shown in a comment, for pairs whose people may decide them there (`take`)."""

from __future__ import annotations

from datetime import datetime

from syncer.contract.errors import TrackerError
from syncer.contract.model import Audience, Field, Kind, Side
from syncer.core.command_answers import conflict_line
from syncer.core.commands import CommandRecord, Outcome
from syncer.core.records import Conflict, Link
from syncer.core.rules import Command
from syncer.store import Lease
from syncer.sync.context import OutOfBudget, PairContext
from syncer.sync.posting import NotPosted, Post, Posting, PostOutcome
from syncer.sync.steering import Spot
from syncer.sync.write import AudienceChanged

MOST_A_RUN = 20
"""So many items are shown to have a conflict in one run; further ones by the next runs."""

_SHOWN = "conflict in a comment: "


def take(context: PairContext, spot: Spot, record: CommandRecord) -> Outcome:
    """Decides the conflicts of an item that were shown in a comment: the value of the side that was said stands."""
    link, side = spot.link, record.spoken.side
    if link is None or side is None:
        return Outcome.NO_CONFLICT
    shown = _shown(context)
    meant = [one for one in _undecided(context) if one.link == link.id and one.id in shown]
    for conflict in meant:
        context.store.conflicts.decide(conflict.id, side.value, record.at, f"{record.by}, in a comment")
    return Outcome.DONE if meant else Outcome.NO_CONFLICT


def show_conflicts(context: PairContext, lease: Lease) -> int:
    """Shows on the original of an item which fields wait for a decision, in one line that is edited when they change.

    How many lines were written.

    Only conflicts that came up since people may decide so: what waited before was told otherwise.
    """
    if Command.TAKE not in context.rules.commands.allow:
        return 0
    shown, waiting = _shown(context), _undecided(context)
    over = {identity for identity in shown if identity not in {one.id for one in waiting}}
    new = {one.id: one for one in waiting if one.id not in shown and one.opened_at > _since(context)}
    ended = [found for identity in over if (found := context.store.conflicts.get(identity)) is not None]
    links = list(dict.fromkeys(one.link for one in [*new.values(), *ended]))
    written = 0
    for identity in links[:MOST_A_RUN]:
        link = context.store.links.get(identity)
        fields = [one for one in waiting if one.link == identity and (one.id in shown or one.id in new)]
        try:
            if link is not None and link.kind is Kind.TASK:
                written += _show(context, lease, link, fields)
        except (TrackerError, NotPosted, AudienceChanged, OutOfBudget):
            continue  # the next run shows it
        context.store.notifications.tell(context.name, {f"{_SHOWN}{one.id}" for one in fields}, context.clock())
        gone = {f"{_SHOWN}{one.id}" for one in ended if one.link == identity}
        context.store.notifications.forget(context.name, gone)
    return written


def _show(context: PairContext, lease: Lease, link: Link, conflicts: list[Conflict]) -> bool:
    """Whether the line was written; it may say all of that already."""
    side = link.origin
    task = context.store.observed.get(context.name, side, link.ref(side))
    if task is None:
        return False
    line = conflict_line(str(task.showing.get(Field.TITLE) or ""), side, [one.field for one in conflicts])
    post = Post(f"conflict.{link.id}", side, task.key, "", line, Audience.PUBLIC)
    return Posting(context, lease, post).execute().outcome is not PostOutcome.UNCHANGED


def _undecided(context: PairContext) -> list[Conflict]:
    return [one for one in context.store.conflicts.of_pair(context.name) if one.decision is None]


def _shown(context: PairContext) -> set[int]:
    """The conflicts that a comment shows, by their numbers."""
    told = context.store.notifications.told(context.name)
    return {int(key.removeprefix(_SHOWN)) for key in told if key.startswith(_SHOWN)}


def _since(context: PairContext) -> datetime:
    """When people began to decide in comments, on either side."""
    known = [context.store.commands.obeying(context.name, side) for side in Side]
    return max((one.since for one in known if one is not None), default=context.clock())
