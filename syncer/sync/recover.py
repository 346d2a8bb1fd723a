"""The beginning of every run: writes whose outcome is unknown are settled before anything else is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from syncer.contract.errors import Ambiguous, Denied, TrackerError
from syncer.contract.files import FileHolder
from syncer.contract.model import Draft, Field, Kind, Observed, Ref
from syncer.core.change import Create, CreateContent
from syncer.core.codec import decode_fields, digest
from syncer.core.link_memory import Sent, Way
from syncer.core.pending import pending
from syncer.core.posts import is_post
from syncer.core.records import CarriedFile, FileState, Link, Operation, OperationState, Verb
from syncer.core.release_names import is_open
from syncer.core.side_view import encode_view
from syncer.sync.retry import try_again
from syncer.sync.write import Attaching, Creates, Writer

LOST = Ambiguous("the run that sent it ended before the answer was recorded")


def recover(writer: Writer, *, swept: bool) -> None:
    """Settles what an earlier run left open, and gives refused items another chance.

    A refused create is tried again once its source was edited, and with each complete reading; so is whatever else is
    held because a tracker refused it.

    A posted report is settled when it is posted again: it has no item on the other side.
    """
    store, pair = writer.context.store, writer.context.name
    opened = [operation for operation in store.journal.open(pair) if not is_post(operation.marker)]
    for operation in opened:
        if operation.verb is Verb.UPDATE:
            _settle_update(writer, operation)
        elif operation.verb is Verb.ATTACH:
            _settle_attach(writer, operation)
        elif operation.verb is Verb.RELEASE:
            _settle_release(writer, operation)
    creates = [operation for operation in opened if operation.verb is Verb.CREATE]
    for _, group in groupby(sorted(creates, key=_group), key=_group):
        _settle_creates(writer, list(group))
    for operation in store.journal.open(pair, states=(OperationState.HELD,)):
        _release(writer, operation, anyway=swept)
    if swept:
        try_again(writer.context.store, writer.lease, pair)


def _group(operation: Operation) -> tuple[str, str]:
    return operation.side.value, operation.kind.value


def _settle_update(writer: Writer, operation: Operation) -> None:
    """An update may be repeated safely: what it did is seen by reading the item again."""
    store, pair = writer.context.store, writer.context.name
    target = store.observed.get(pair, operation.side, operation.target) if operation.target else None
    if target is not None:
        writer.read_again(operation.side, target)
    link = store.links.of_item(pair, operation.side, operation.target) if operation.target else None
    marked = None if link is None or target is None else _marked(writer, operation, link, target)
    writer.conclude(operation, OperationState.FAILED, None, marked, str(LOST))


def _settle_release(writer: Writer, operation: Operation) -> None:
    """A version that may have been marked as released: what it shows now tells."""
    store, side = writer.context.store, operation.side
    target = store.observed.get(writer.context.name, side, operation.target) if operation.target else None
    shown = None if target is None else writer.read_again(side, target)
    done = shown is not None and not is_open(shown)
    writer.conclude(operation, OperationState.DONE if done else OperationState.FAILED, None, None, str(LOST))


def _marked(writer: Writer, operation: Operation, link: Link, target: Observed) -> Link:
    """The link that remembers what was sent, so that no part of it that arrived is taken for a person's edit."""
    side = operation.side
    view = writer.decision_context.views[side]
    sent = decode_fields(operation.payload)
    before, asked = view.look(target), view.look_at(target.kind, {**target.showing, **sent})
    native = view.capabilities.fields.get(target.kind, {})
    by_label = {name for name in asked if name not in native and Field.LABELS in sent}
    entries = {
        name: Sent(Way.FAILED, asked=encode_view(value), before=encode_view(before.get(name)), since=target.updated)
        for name, value in asked.items()
        if name in sent or name in by_label
    }
    return replace(pending(link, side, entries), settled={})


def _settle_attach(writer: Writer, operation: Operation) -> None:
    """A file that may have been added is looked for under its name, which its content determines.

    What cannot be told is asked again by a coming run, and keeps nothing else from being carried. Raises Denied.
    """
    context = writer.context
    holder = context.connectors[operation.side]
    task = context.store.observed.get(context.name, operation.side, operation.target) if operation.target else None
    if task is None or not isinstance(holder, FileHolder):
        writer.conclude(operation, OperationState.FAILED, None, None, "its task is gone")
        return
    address = operation.payload["address"]
    met = CarriedFile(context.name, operation.side, task.ref, address, FileState.WAITING, context.clock())
    try:
        if not Attaching(writer).settle(holder, operation, task, met, LOST):
            writer.without_effect(operation, LOST)
    except Denied:
        raise
    except TrackerError as unknown:
        writer.tally.example(task, "failed", str(unknown))


def _settle_creates(writer: Writer, operations: Sequence[Operation]) -> None:
    context = writer.context
    known: list[tuple[Operation, Create, Draft]] = []
    for operation in operations:
        source = context.store.observed.get(context.name, operation.side.other, operation.source)
        if source is None or operation.marker is None:
            writer.conclude(
                operation, OperationState.FAILED, None, None, "its source is gone; a mirror, if any, is left alone"
            )
            continue
        known.append((operation, _create(writer, operation, source), _draft(writer, operation)))
    if known:
        begun, creates, drafts = zip(*known, strict=True)
        settling = Creates(writer)
        for operation, _ in settling.settle(begun, creates, drafts, LOST):
            writer.without_effect(operation, LOST)
        settling.confirm()


def _create(writer: Writer, operation: Operation, source: Observed) -> Create:
    payload = operation.payload
    fields = decode_fields(payload["fields"])
    view = writer.decision_context.views[operation.side].look_at(source.kind, fields)
    wanted = {Field(name): view.get(Field(name)) for name in payload["wanted"]}
    truncated = frozenset(Field(name) for name in payload["truncated"])
    content = CreateContent(fields, wanted, truncated)
    return Create(operation.side, source, operation.reason, lambda: content)


def _draft(writer: Writer, operation: Operation) -> Draft:
    context = writer.context
    parent_ref = operation.payload.get("parent")
    parent = context.store.observed.get(context.name, operation.side, Ref.parse(parent_ref)) if parent_ref else None
    assert operation.marker is not None  # noqa: S101 - checked by the caller
    return Draft(Kind(operation.kind), decode_fields(operation.payload["fields"]), operation.marker, parent)


def _release(writer: Writer, operation: Operation, *, anyway: bool) -> None:
    """A create the tracker refused is tried again once its source was edited, or its task there, or `anyway`."""
    context = writer.context
    source = context.store.observed.get(context.name, operation.side.other, operation.source)
    if source is None or digest(source) != operation.payload.get("source"):
        writer.conclude(operation, OperationState.FAILED, None, None, f"{operation.outcome}; edited since")
    elif _parent_changed(writer, operation):
        writer.conclude(operation, OperationState.FAILED, None, None, f"{operation.outcome}; its task changed since")
    elif anyway:
        writer.conclude(operation, OperationState.FAILED, None, None, f"{operation.outcome}; tried again")


def _parent_changed(writer: Writer, operation: Operation) -> bool:
    """Whether the task that did not take a comment was changed since, by its tracker's clock: unlocked, say."""
    ref = operation.payload.get("parent")
    parent = writer.context.store.observed.get(writer.context.name, operation.side, Ref.parse(ref)) if ref else None
    return parent is not None and operation.after is not None and parent.updated > operation.after
