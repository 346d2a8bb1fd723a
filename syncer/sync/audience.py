"""Who can read what a tracker does not tell by itself: asked once a run, of what would be carried and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from syncer.contract.connector import AudienceTeller
from syncer.contract.errors import Rejected, Retryable, TrackerError
from syncer.contract.model import Audience, Observed, Ref, Side
from syncer.core.audience import AudienceDoubt
from syncer.core.change import Change, ChangeSet, Create, Skip, Update
from syncer.core.records import Why
from syncer.store import Lease
from syncer.sync.context import PairContext

CLOSED = "who can read it cannot be told, so nothing of it is carried"


def learn_readers(context: PairContext, lease: Lease, changes: ChangeSet, scopes: Mapping[Side, Audience]) -> bool:
    """Asks who can read the sources of changes that were decided without knowing it; whether there were any.

    What is told is stored. What is not told stays restricted, and the state remembers why.
    """
    doubts: set[str] = set()
    asked = False
    for side in Side:
        tasks = _untold_tasks(context, side, changes)
        asked = asked or bool(tasks)
        if scopes.get(side) is Audience.RESTRICTED:
            doubts.add(AudienceDoubt(side, None, CLOSED).key)
        elif tasks:
            doubts |= {doubt.key for doubt in _learn(context, lease, side, tasks)}
    store, pair = context.store, context.name
    before = {key for key in store.notifications.told(pair) if key.startswith(AudienceDoubt.PREFIX)}
    if before != doubts:
        store.notifications.forget(pair, before - doubts)
        store.notifications.tell(pair, doubts - before, context.clock())
    return asked


def _untold_tasks(context: PairContext, side: Side, changes: ChangeSet) -> Sequence[Observed]:
    """The tasks of a side of which it is to be asked who can read them, each once."""
    sources = [source for change in changes.changes if (source := _source(change, side)) is not None]
    sources += _in_doubt(context, side, changes)
    refs = {source.parent or source.ref for source in sources if source.audience_untold}
    found = context.store.observed.get_many(context.name, side, refs)
    return [found[ref] for ref in sorted(found)]


def _in_doubt(context: PairContext, side: Side, changes: ChangeSet) -> Iterator[Observed]:
    """The items of which a history is about to tell whether somebody edited what we wrote: edits are carried."""
    store, pair = context.store, context.name
    for skip in changes.of(Skip):
        if skip.why is Why.LOST and skip.side is side:
            partner = store.links.partner(pair, side.other, skip.item.ref)
            item = None if partner is None else store.observed.get(pair, side, partner)
            if item is not None:
                yield item


def _source(change: Change, side: Side) -> Observed | None:
    """What a change would show to the readers of the other side."""
    match change:
        case Create() | Update() if change.side is side.other:
            return change.source
        case Skip() if change.side is side.other and change.why is Why.CONSENT:
            return change.item  # a person is told how many such there are
    return None


def _learn(context: PairContext, lease: Lease, side: Side, tasks: Sequence[Observed]) -> Iterator[AudienceDoubt]:
    connector = context.connectors[side]
    outcomes: Sequence[Audience | TrackerError] = (
        connector.audiences(tasks) if isinstance(connector, AudienceTeller) else [Rejected(CLOSED) for _ in tasks]
    )
    readers: dict[Ref, Audience] = {}
    for task, outcome in zip(tasks, outcomes, strict=True):
        if isinstance(outcome, Audience):
            readers[task.ref] = outcome
        else:
            yield AudienceDoubt(side, task.ref if isinstance(outcome, Retryable) else None, str(outcome))
    context.store.observed.save_readers(lease, side, readers, seen_at=context.clock())
