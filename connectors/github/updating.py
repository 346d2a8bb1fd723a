"""Changing what one repository holds: one request for the fields of an item, and one for each edge."""

from __future__ import annotations

from typing import Final

from connectors.github import bodies
from connectors.github.boards import with_values
from connectors.github.marker import clean
from connectors.github.repository import Repository, called, validated
from syncer.contract.errors import Ambiguous, Retryable, Stale, TrackerError, Unreadable
from syncer.contract.model import EDGES, Field, Kind, Observed, Patch, Status, Value

_ELEMENT_WISE: Final = (Field.LABELS, Field.BLOCKED_BY)


def update(repository: Repository, item: Observed, patch: Patch) -> Observed:
    """The item after one request with the fields of the patch that are not yet shown so, and one for each edge."""
    now = item if repository.is_fresh(item) else repository.read(item)
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
        with validated(f"change {', '.join(sorted(edges))} of {now.key}", write=True):
            updated = repository.edges.tie(updated, edges)
    if values := {field: value for field, value in differing.items() if field in placed}:
        with validated(f"change {', '.join(sorted(values))} of {now.key}", write=True):
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
    doing = f"change {', '.join(sorted(patch))} of {called(now)}"
    match now.kind:
        case Kind.TASK:
            number = repository.milestone_number(patch.get(Field.MILESTONES))
            body = bodies.task_changes(patch, now.marker, number)
        case Kind.COMMENT:
            body = bodies.comment_changes(patch, now.marker)
        case Kind.MILESTONE:
            body = bodies.milestone_changes(patch, now.marker)
    shown = repository.changed(now, body, doing)
    goal = patch.get(Field.STATUS)
    if isinstance(goal, Status) and now.kind is Kind.TASK and _closed_otherwise(shown, goal):
        return _closed_anew(repository, shown, goal)
    return shown


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
