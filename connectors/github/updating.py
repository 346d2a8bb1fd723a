"""Changing what one repository holds: one request for the fields of an item, and one for each edge."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from connectors.github import bodies
from connectors.github.boards import with_values
from connectors.github.mapping import number_of
from connectors.github.marker import clean
from connectors.github.repository import Repository, called, validated
from syncer.contract.errors import Ambiguous, Gone, Rejected, Retryable, Stale, TrackerError, Unreadable
from syncer.contract.model import EDGES, Field, Kind, Observed, Patch, Status, Value

_ELEMENT_WISE: Final = (Field.LABELS, Field.BLOCKED_BY)


def update(repository: Repository, item: Observed, patch: Patch) -> Observed:
    """The item after one request with the fields of the patch that are not yet shown so, and one for each edge."""
    # What an issue holds in its other fields is sent along with one of them, and is taken from no earlier reading.
    whole = bool(repository.fields.apart(item.kind, patch)[0])
    now = item if repository.is_fresh(item) and not whole else repository.read(item)
    placed = repository.boards.names & patch.keys() if item.kind is Kind.TASK else frozenset()
    if placed:
        now = with_values(now, repository.boards.names, repository.boards.read(now))
    wanted = {field: _wanted(field, value, item, now) for field, value in patch.items()}
    differing = {field: value for field, value in wanted.items() if not _shows(now, field, value)}
    fields = {field: value for field, value in differing.items() if field not in EDGES and field not in placed}
    edges = {field: value for field, value in differing.items() if field in EDGES}
    if not differing:
        return now
    updated = _patched(repository, now, fields) if fields else now
    if edges:
        with validated(f"change {_named(edges)} of {now.key}", write=True):
            updated = repository.edges.tie(updated, edges)
    if values := {field: value for field, value in differing.items() if field in placed}:
        with validated(f"change {_named(values)} of {now.key}", write=True):
            updated = repository.boards.write(updated, values)
    repository.remember(updated)
    return updated


def _wanted(field: Field, value: Value, item: Observed, now: Observed) -> Value:
    """The value to write so that nobody's change is lost. Raises Stale when `now` shows another than `item`."""
    based_on, shown = item.showing.get(field), now.showing.get(field)
    if isinstance(value, str):
        value = clean(value)
    if field in _ELEMENT_WISE and all(isinstance(each, tuple) for each in (based_on, value, shown)):
        return bodies.element_wise(_elements(based_on), _elements(value), _elements(shown))
    if not bodies.same(field, shown, based_on) and not bodies.same(field, shown, value):
        raise Stale(f"{field} of {called(item)} was changed meanwhile")
    return value


def _patched(repository: Repository, now: Observed, patch: Patch) -> Observed:
    try:
        return _patch(repository, now, patch)
    except Ambiguous as error:
        return _settled(repository, now, patch, error)


def _patch(repository: Repository, now: Observed, patch: Patch) -> Observed:
    doing = f"change {_named(patch)} of {called(now)}"
    match now.kind:
        case Kind.TASK:
            shown = _patched_task(repository, now, patch, doing)
        case Kind.COMMENT:
            shown = repository.changed(now, bodies.comment_changes(patch, now.marker), doing)
        case Kind.MILESTONE:
            shown = repository.changed(now, bodies.milestone_changes(patch, now.marker), doing)
    goal = patch.get(Field.STATUS)
    if isinstance(goal, Status) and now.kind is Kind.TASK and _closed_otherwise(shown, goal):
        return _closed_anew(repository, shown, goal)
    return shown


def _patched_task(repository: Repository, now: Observed, patch: Patch, doing: str) -> Observed:
    fields, others = repository.fields.apart(now.kind, patch)
    body = bodies.task_changes(others, now.marker, repository.milestone_number(others.get(Field.MILESTONES)))
    if not fields:
        return repository.changed(now, body, doing)
    try:
        body["issue_field_values"] = repository.fields.whole(repository.last_read(now), fields)
        shown = repository.changed(now, body, doing, fields)
    except Rejected:
        repository.fields.doubt()
        if others:
            raise
        return _fields_alone(repository, now, fields, doing)
    left = {name: fields[name] for name in fields if not fields[name] and not _shows(shown, name, fields[name])}
    return _fields_alone(repository, shown, left, doing) if left else shown


def _fields_alone(repository: Repository, item: Observed, fields: Patch, doing: str) -> Observed:
    """The issue after its fields were written at their own addresses, whatever it holds in other ones.

    So where an update is refused, which may be for a field that it sends along, or where it does not empty a field.
    """
    place = f"/repos/{repository.name}/issues/{number_of(item)}/issue-field-values"
    if values := repository.fields.new(fields):
        repository.client.write("POST", place, {"issue_field_values": values}, doing, item=True)
    for number in repository.fields.emptied(repository.last_read(item), fields):
        with suppress(Gone):  # of the value: of the issue the next reading tells
            repository.client.write("DELETE", f"{place}/{number}", {}, doing, item=True)
    return repository.read(item, written=fields)


def _closed_anew(repository: Repository, item: Observed, goal: Status) -> Observed:
    """The issue closed with another reason: GitHub takes a reason only along with a change of the state.

    Raises Ambiguous where the issue was opened and could not be closed.
    """
    doing = f"change the reason why {item.key} is closed"
    opened = repository.changed(item, {"state": "open"}, doing)
    try:
        return repository.changed(opened, bodies.task_changes({Field.STATUS: goal}, item.marker, None), doing)
    except TrackerError as error:
        raise Ambiguous(f"{error}; the issue may be open now") from error


def _settled(repository: Repository, item: Observed, patch: Patch, lost: Ambiguous) -> Observed:
    """The item, when a change whose answer was lost did take effect; else raises what may be sent again."""
    try:
        now = repository.read(item)
    except (Retryable, Unreadable):
        raise lost from None
    if all(_shows(now, field, value) for field, value in patch.items()):
        return now
    raise Retryable(f"{lost}; the change did not take effect") from lost


def _shows(item: Observed, field: Field, value: Value) -> bool:
    return field in item.showing and bodies.same(field, item.showing[field], value)


def _closed_otherwise(item: Observed, goal: Status) -> bool:
    """Whether an issue is closed as it should be, but with another reason."""
    shown = item.showing.get(Field.STATUS)
    return isinstance(shown, Status) and shown.name == goal.name == "closed" and not _shows(item, Field.STATUS, goal)


def _elements(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _named(fields: Iterable[Field]) -> str:
    return ", ".join(str(field) for field in sorted(fields))
