"""What a connector would not even send: known before a run, so that nobody is promised what is not going to happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from syncer.contract.custom import Foreseer
from syncer.contract.model import COLUMN, Field, Kind, Observed
from syncer.core.change import Change, ChangeSet, Create, Skip, Update
from syncer.core.waiting import Why
from syncer.sync.context import PairContext


def unsendable(context: PairContext, change: Create | Update) -> Mapping[Field, str]:
    """The declared fields of a change that its side cannot take, each with the reason. Raises TrackerError."""
    connector = context.connectors[change.side]
    item, fields = (change.target, change.patch) if isinstance(change, Update) else (None, change.fields)
    declared = connector.capabilities.custom.keys() & fields.keys() - {COLUMN}
    if _written(change).kind is not Kind.TASK or not declared or not isinstance(connector, Foreseer):
        return {}
    return {name: why for name, why in connector.unsendable(item, fields).items() if name in declared}


def _written(change: Create | Update) -> Observed:
    """What a change is about."""
    return change.target if isinstance(change, Update) else change.source


def as_sent(context: PairContext, changes: ChangeSet) -> ChangeSet:
    """A change set without what would not be sent, which is left alone for its reason. Raises TrackerError."""
    return replace(changes, changes=tuple(one for change in changes.changes for one in _as_sent(context, change)))


def _as_sent(context: PairContext, change: Change) -> Iterator[Change]:
    if not isinstance(change, Create | Update) or not (refused := unsendable(context, change)):
        yield change
        return
    if isinstance(change, Create):
        yield change.reduced_to([name for name in change.fields if name not in refused])
    elif patch := {name: value for name, value in change.patch.items() if name not in refused}:
        yield replace(change, patch=patch)
    for name, why in refused.items():
        yield Skip(change.side, _written(change), name, Why.REFUSED, why)
