"""What waits in a pair, from the state alone: the one list behind `status`, `verify`, exit code 6 and the report.

Whatever differs on the two sides and is not written is in it, with the reason; what is not in it agrees, or the next
run writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncer.contract.model import MISPLACED, Field, Kind, Observed, Ref, Side
from syncer.core.amounts import moment, plural
from syncer.core.audience import AudienceDoubt
from syncer.core.link_reason import Because
from syncer.core.people import changed_hands, taken_over
from syncer.core.records import MOVED, Conflict, Link, LinkedItems, LinkState, OperationState, Verb
from syncer.core.steering import PausedItem, set_by
from syncer.core.waiting import Waiting, Why
from syncer.store import Store


def waiting(store: Store, pair: str) -> list[Waiting]:
    """Everything that waits, item by item. Reads the state once for each sort; the work grows with what waits."""
    conflicts = list(_conflicts(store, pair))
    apart = {(row.link, row.field) for row in store.conflicts.of_pair(pair)}
    held = [*_held(store, pair), *_differences(store, pair, apart), *_creates(store, pair), *_unreadable(store, pair)]
    held += _lost(store, pair)
    states = [*_moved_markers(store, pair), *_awaiting(store, pair), *_untold(store, pair), *_paused(store, pair)]
    return [*conflicts, *held, *states, *_doubtful(store, pair)]


def called(items: LinkedItems) -> str:
    """What people call both ends of a link: `PAY-3 = acme/pay#7`."""
    kind = "" if items.link.kind.value == "task" else f"{items.link.kind} "
    return kind + " = ".join(item.key for item in (items.left, items.right) if item is not None)


def _called(store: Store, pair: str, items: LinkedItems) -> str:
    """The same, and of a comment whose it is: `comment on PAY-3 = acme/pay#7 (10001 = 24346)`."""
    tasks = {side: item.parent for side in Side if (item := items.side(side)) is not None and item.parent is not None}
    found = [store.observed.get(pair, side, task) for side, task in tasks.items()]
    keys = " = ".join(task.key for task in found if task is not None)
    if items.link.kind is not Kind.COMMENT or not keys:
        return called(items)
    return f"comment on {keys} ({called(items).removeprefix('comment ')})"


def _conflicts(store: Store, pair: str) -> Iterator[Waiting]:
    for row in store.conflicts.of_pair(pair):
        reason = row.reason if row.decision is None else "decided; the next run writes it"
        settle = f"syncer resolve {row.id} left|right"
        yield Waiting(f"conflict:{row.id}", _called_of(store, row), row.field, Why.CONFLICT, reason, settle)


def _called_of(store: Store, row: Conflict) -> str:
    link = store.links.get(row.link)
    if link is None:
        return row.link
    sides = (store.observed.get(row.pair, side, link.ref(side)) for side in Side)
    return _called(store, row.pair, LinkedItems(link, *sides))


def _held(store: Store, pair: str) -> Iterator[Waiting]:
    held = list(store.links.of_pair(pair, state=LinkState.HELD))
    if store.links.count_waiting(pair) > len(held):  # rare, and the only reason to look at every link
        held += [items for items in store.links.of_pair(pair, state=LinkState.ACTIVE) if _failed(items.link)]
    for items in held:
        because = None if items.link.reason is None else items.link.reason.because
        waits = items.link.state is LinkState.HELD or items.link.retry_at is None
        why = Why.HELD if waits and because is not Because.LEFT_ROUTE else Why.RETRY
        left = because in {Because.LEFT_FILTER, Because.PLACELESS}
        keys = [item.key for item in (items.left, items.right) if item is not None]
        settle = f"syncer resume {keys[0]}" if left and keys and items.link.kind is Kind.TASK else ""
        yield Waiting(f"link:{items.link.id}", _called(store, pair, items), None, why, items.link.explanation, settle)


def _failed(link: Link) -> bool:
    """Whether an active link waits for more than what its differences say."""
    return link.reason is not None and link.reason.because is not Because.CYCLE


def _differences(store: Store, pair: str, apart: set[tuple[str, Field]]) -> Iterator[Waiting]:
    for items in store.links.differing(pair):
        for one in items.link.differs:
            if (items.link.id, one.field) not in apart:  # its conflict is listed
                key = f"field:{items.link.id}:{one.field}:{one.why}"
                yield Waiting(key, _called(store, pair, items), one.field, one.why, one.reason)


def _called_alone(store: Store, pair: str, side: Side, item: Observed) -> str:
    """What people call an item without a partner: `PAY-3`, `comment 10001 on PAY-3`."""
    task = None if item.parent is None else store.observed.get(pair, side, item.parent)
    return item.key if task is None else f"{item.kind} {item.key} on {task.key}"


def _creates(store: Store, pair: str) -> Iterator[Waiting]:
    for operation in store.journal.open(pair, states=(OperationState.HELD,)):
        source = store.observed.get(pair, operation.side.other, operation.source)
        item = str(operation.source) if source is None else _called_alone(store, pair, operation.side.other, source)
        reason = operation.outcome or operation.reason
        yield Waiting(f"create:{operation.side}:{operation.source}", item, None, Why.REFUSED, reason)


def _lost(store: Store, pair: str) -> Iterator[Waiting]:
    """Creates whose answer was lost, on a tracker that does not tell whether they took effect."""
    for operation in store.journal.open(pair, states=(OperationState.AMBIGUOUS,)):
        if operation.verb is Verb.CREATE and operation.never_told:
            source = store.observed.get(pair, operation.side.other, operation.source)
            item = str(operation.source) if source is None else source.key
            reason = f"whether it was created on the {operation.side} side {operation.outcome}"
            yield Waiting(f"lost:{operation.side}:{operation.source}", item, None, Why.LOST, reason)


def _unreadable(store: Store, pair: str) -> Iterator[Waiting]:
    for one in store.set_aside.unreadable(pair):
        item = one.item
        parent = store.observed.get(pair, one.side, item.parent) if item.parent is not None else None
        name = item.key if item.kind is Kind.TASK else f"{item.kind} {item.key}"
        called_so = name if parent is None else f"{name} of {parent.key}"
        reason = f"the {one.side} side shows it so that it cannot be read: {item.reason}"
        yield Waiting(f"unreadable:{one.side}:{item.ref or called_so}", called_so, None, Why.UNREADABLE, reason)


def _moved_markers(store: Store, pair: str) -> Iterator[Waiting]:
    """Items of ours that a run found with their marker moved, as long as that is so."""
    for key in store.notifications.told(pair):
        if key.startswith(MISPLACED):
            side, _, ref = key.removeprefix(MISPLACED).partition(":")
            item = store.observed.get(pair, Side(side), Ref.parse(ref))
            if item is None or not (item.marker or "").startswith(MISPLACED):
                continue
            if store.links.of_item(pair, Side(side), item.ref) is None:
                yield Waiting(f"item:{key}", item.key, None, Why.HELD, MOVED)


def _awaiting(store: Store, pair: str) -> Iterator[Waiting]:
    number, reason = store.pairs.creates_waiting(pair), store.lineage.creates_await_consent(pair)
    if number:
        settle = f"syncer sync --pair {pair} --approve-creates {number}"
        item = f"{plural(number, 'new item')} of {pair}"
        yield Waiting("creates", item, None, Why.CONSENT, reason or came_into_view(number), settle)


def _untold(store: Store, pair: str) -> Iterator[Waiting]:
    """What a run could not be told the readers of, so that nothing of it was carried."""
    for doubt in filter(None, map(AudienceDoubt.parse, store.notifications.told(pair))):
        if doubt.ref is None:
            state = store.pairs.side(pair, doubt.side)
            item = f"the {doubt.side} side" if state is None else state.address
            yield Waiting(f"readers:{doubt.side}", item, None, Why.HELD, doubt.reason, "syncer check")
        elif (task := store.observed.get(pair, doubt.side, doubt.ref)) is not None and task.audience_untold:
            yield Waiting(f"readers:{doubt.side}:{doubt.ref}", task.key, None, Why.RETRY, doubt.reason)


def _paused(store: Store, pair: str) -> Iterator[Waiting]:
    """What somebody paused: it waits because they said so."""
    for one in store.paused.listed(pair):
        item = store.observed.get(pair, one.side, one.ref)
        if item is None:
            continue
        link = store.links.of_item(pair, one.side, one.ref)
        name = _called_alone(store, pair, one.side, item) if link is None else _called_linked(store, pair, link)
        settle = f"take the label off {item.key}" if one.label else f"syncer resume {item.key}"
        key = f"paused:{one.side}:{one.ref}:{one.label}"
        yield Waiting(key, name, None, Why.PAUSED, paused_so(store, pair, one, item), settle)


def paused_so(store: Store, pair: str, one: PausedItem, item: Observed) -> str:
    """Who paused an item, when, until when and why."""
    by, since = (one.by, one.since) if not one.label else _labelled_by(store, pair, one)
    how = f"paused by the label “{one.label}” of {item.key}" if one.label else "paused"
    who = f"{', set' if one.label else ''} by {by}" if by else ""
    until = "" if one.until is None else f", until {moment(one.until.astimezone())}"
    return f"{how}{who} since {moment(since.astimezone())}{until}{f': {one.why}' if one.why else ''}"


def _labelled_by(store: Store, pair: str, one: PausedItem) -> tuple[str, datetime]:
    """Who set the label that pauses an item, and when, as its history tells; else when it was seen."""
    change = set_by(one.label, store.history.changes(pair, side=one.side, ref=one.ref, fields=[Field.LABELS]))
    if change is None:
        return "", one.since
    return "" if change.actor is None else store.history.account_name(pair, one.side, change.actor), change.at


def _called_linked(store: Store, pair: str, link: Link) -> str:
    return called(LinkedItems(link, *(store.observed.get(pair, side, link.ref(side)) for side in Side)))


def came_into_view(number: int) -> str:
    """Why creates wait that nobody asked for by an edit."""
    return (
        f"{plural(number, 'item')} came into view that nobody made or edited since the last complete reading"
        " (a filter or a permission may have changed)"
    )


def _doubtful(store: Store, pair: str) -> Iterator[Waiting]:
    """The logins in `[[people]]` that belong to somebody else by now."""
    for side in Side:
        known = store.identities.of_pair(pair, side)
        for identity in known:
            other = taken_over(identity, known)
            if other is not None:
                reason = (
                    f"{changed_hands(identity, other)} now: assignments of both stay as they are until [[people]] names"
                    " the account that is meant, by its login now or by ids"
                )
                item = f"account {identity.bound} on the {side} side"
                settle = "correct [[people]], then: syncer check"
                yield Waiting(f"person:{side}:{identity.native}", item, Field.ASSIGNEES, Why.HELD, reason, settle)
