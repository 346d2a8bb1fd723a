"""Writing to one repository: a create is one request, a change one for the fields and one for each edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.github import bodies, mapping
from connectors.github.marker import clean
from connectors.github.repository import Repository, called, validated
from syncer.contract.errors import Ambiguous, Retryable, Stale, TrackerError, Unreadable
from syncer.contract.model import EDGES, Draft, Field, Kind, Observed, Patch, Status, Value

_ELEMENT_WISE: Final = (Field.LABELS, Field.BLOCKED_BY)


def create(repository: Repository, draft: Draft) -> Observed:
    """The item that one request created. Raises what the connector's `create` answers or raises."""
    body = bodies.creation(draft, repository.milestone_number(draft.fields.get(Field.MILESTONES)))
    parent = draft.parent
    match draft.kind:
        case Kind.TASK:
            path, doing = f"{repository.base}/issues", f"create an issue in {repository.name}"
        case Kind.MILESTONE:
            path, doing = f"{repository.base}/milestones", f"create a milestone in {repository.name}"
        case Kind.COMMENT:
            if parent is None:
                raise ValueError("a comment needs a task")
            issue = mapping.number_of(parent)
            path, doing = f"{repository.base}/issues/{issue}/comments", f"comment on {parent.key}"
    repository.facts()
    answer = repository.client.write("POST", path, body, doing, item=parent is not None)
    with validated(doing, write=True):
        repository.ours.learn(answer)
        return repository.observed(draft.kind, answer, parent=parent.ref if parent is not None else None)


def update(repository: Repository, item: Observed, patch: Patch) -> Observed:
    """The item after one request with the fields of the patch that are not yet shown so, and one for each edge."""
    now = item if repository.is_fresh(item) else repository.read(item)
    wanted = {field: _wanted(field, value, item, now) for field, value in patch.items()}
    differing = {field: value for field, value in wanted.items() if not _shows(now, field, value)}
    fields = {field: value for field, value in differing.items() if field not in EDGES}
    edges = {field: value for field, value in differing.items() if field in EDGES}
    if not differing:
        return now
    updated = _patched(repository, now, fields) if fields else now
    if edges:
        with validated(f"change {', '.join(sorted(edges))} of {now.key}", write=True):
            updated = repository.edges.tie(updated, edges)
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
    shown = _written(repository, now, body, doing)
    goal = patch.get(Field.STATUS)
    if isinstance(goal, Status) and now.kind is Kind.TASK and _closed_otherwise(shown, goal):
        return _closed_anew(repository, shown, goal)
    return shown


def _written(repository: Repository, item: Observed, body: Mapping[str, object], doing: str) -> Observed:
    answer = repository.client.write("PATCH", repository.path(item), body, doing, item=True)
    with validated(doing, write=True):
        return repository.observed(item.kind, answer, item)


def _closed_anew(repository: Repository, item: Observed, goal: Status) -> Observed:
    """The issue closed with another reason: GitHub takes a reason only along with a change of the state.

    Raises Ambiguous where the issue was opened and could not be closed.
    """
    doing = f"change the reason why {item.key} is closed"
    opened = _written(repository, item, {"state": "open"}, doing)
    try:
        return _written(repository, opened, bodies.task_changes({Field.STATUS: goal}, item.marker, None), doing)
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
