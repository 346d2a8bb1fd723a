"""What an issue event says. Pure; events of kinds that nobody evaluates, or that are not known, are left out.

An event names what it is about by its name as it was then: a label that was renamed has its former name, a milestone
is told by its title only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from connectors.github.mapping import OPEN, Json, MalformedError, account, moment, part
from syncer.contract.history import Aspect, PastChange
from syncer.contract.model import Category, Field, Ref, Status, Value

Reading = Callable[[Json, str], tuple[Aspect, Value, Value]]
"""Aspect, old and new value of an event; of sets the elements taken away and added. Takes the repository's name."""


def past_change(event: Json, ref: Ref, repository: str) -> PastChange | None:
    """The change of a task that an event records; None for an event that records none, or not in a known form."""
    kind = event.get("event")
    read = _KINDS.get(kind) if isinstance(kind, str) else None
    if read is None:
        return None
    try:
        aspect, old, new = read(event, repository)
        actor, at, native = account(event.get("actor")), moment(event, "created_at"), part(event, "id", int)
    except MalformedError:
        return None  # the past is completed as far as it can be read; nothing is decided by it
    if old == new:
        return None
    return PastChange(ref, str(native), aspect, at, actor, old, new, partial=isinstance(old, tuple))


def _closed(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    reason = event.get("state_reason")
    # As with issues: before reasons existed everything was completed.
    return Field.STATUS, OPEN, Status("closed", Category.DONE, reason if isinstance(reason, str) else "completed")


def _reopened(_event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    return Field.STATUS, Status("closed", Category.DONE), OPEN


def _renamed(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    rename = part(event, "rename", dict)
    return Field.TITLE, part(rename, "from", str), part(rename, "to", str)


def _type(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    return Field.TYPE, _name(event.get("prev_issue_type")), _name(event.get("issue_type"))


def _name(kind: object) -> str | None:
    return part(kind, "name", str) if kind is not None else None


def _parent(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
    above = _key(event.get("parent_issue"), repository)
    return (Field.PARENT, None, above) if event["event"] == "parent_issue_added" else (Field.PARENT, above, None)


def _added(aspect: Aspect, element: Callable[[Json, str], str | None]) -> Reading:
    def read(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
        return aspect, (), _tuple(element(event, repository))

    return read


def _removed(aspect: Aspect, element: Callable[[Json, str], str | None]) -> Reading:
    def read(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
        return aspect, _tuple(element(event, repository)), ()

    return read


def _tuple(element: str | None) -> tuple[str, ...]:
    return () if element is None else (element,)


def _label(event: Json, _repository: str) -> str:
    return part(part(event, "label", dict), "name", str)


def _assignee(event: Json, _repository: str) -> str | None:
    person = account(event.get("assignee"))
    return None if person is None else person.id


def _milestone(event: Json, _repository: str) -> str:
    return part(part(event, "milestone", dict), "title", str)


def _blocker(event: Json, repository: str) -> str | None:
    return _key(event.get("blocked_by"), repository)


def _key(issue: object, repository: str) -> str | None:
    """The key of another issue that an event mentions; None where it does not say which."""
    number = issue.get("number") if isinstance(issue, Mapping) else None
    if not isinstance(issue, Mapping) or not isinstance(number, int):
        return None
    home = issue.get("repository")
    name = home.get("full_name") if isinstance(home, Mapping) else None
    return f"{name if isinstance(name, str) else repository}#{number}"


_KINDS: Final[Mapping[str, Reading]] = {
    "closed": _closed,
    "reopened": _reopened,
    "renamed": _renamed,
    "labeled": _added(Field.LABELS, _label),
    "unlabeled": _removed(Field.LABELS, _label),
    "assigned": _added(Field.ASSIGNEES, _assignee),
    "unassigned": _removed(Field.ASSIGNEES, _assignee),
    "milestoned": _added(Field.MILESTONES, _milestone),
    "demilestoned": _removed(Field.MILESTONES, _milestone),
    "issue_type_added": _type,
    "issue_type_removed": _type,
    "issue_type_changed": _type,
    "parent_issue_added": _parent,
    "parent_issue_removed": _parent,
    "blocked_by_added": _added(Field.BLOCKED_BY, _blocker),
    "blocked_by_removed": _removed(Field.BLOCKED_BY, _blocker),
}
