"""Drafts and patches to the bodies of GitHub's requests, and what counts as the same value there. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from connectors.github.marker import clean, with_marker
from syncer.contract.errors import Rejected
from syncer.contract.model import Category, Draft, Field, Kind, Marker, Patch, Status, Value

REASONS: Final = ("completed", "not_planned", "duplicate")


def creation(draft: Draft, milestone_number: int | None) -> dict[str, Any]:
    """The body of the creating request. An issue is always created open. Raises Rejected."""
    fields = draft.fields
    match draft.kind:
        case Kind.COMMENT:
            return comment_changes(fields, draft.marker)
        case Kind.MILESTONE:
            rest = dict(fields)
            rest.pop(Field.BODY, None)
            described = with_marker(str(fields.get(Field.BODY) or ""), draft.marker)
            return {**milestone_changes(rest, None), "description": described}
        case Kind.TASK:
            rest = dict(fields)
            rest.pop(Field.BODY, None)
            rest.pop(Field.STATUS, None)
            body = with_marker(str(fields.get(Field.BODY) or ""), draft.marker)
            wanted = {**task_changes(rest, None, milestone_number), "body": body}
            return {key: value for key, value in wanted.items() if value not in ([], None)}


def task_changes(patch: Patch, marker: Marker | None, milestone_number: int | None) -> dict[str, Any]:
    """The body of the request that applies a patch to an issue. Raises Rejected for what an issue cannot hold."""
    body: dict[str, Any] = {}
    for field, value in patch.items():
        match field, value:
            case Field.TITLE, str():
                body["title"] = clean(value)
            case Field.BODY, str():
                body["body"] = with_marker(value, marker)
            case Field.STATUS, Status():
                body.update(_state(value))
            case Field.LABELS | Field.ASSIGNEES, tuple():
                body[str(field)] = [clean(element) for element in value]
            case Field.MILESTONES, ():
                body["milestone"] = None
            case Field.MILESTONES, (_,):
                body["milestone"] = milestone_number
            case Field.MILESTONES, tuple():
                raise Rejected("milestones: an issue has at most one")
            case Field.TYPE, None | str():
                body["type"] = value
            case _:
                raise Rejected(f"{field}: an issue cannot hold {value!r}")
    return body


def comment_changes(patch: Patch, marker: Marker | None) -> dict[str, Any]:
    """The body of the request that creates or changes a comment. Raises Rejected for what it cannot hold."""
    match dict(patch):
        case {Field.BODY: str(text), **others} if not others:
            return {"body": with_marker(text, marker)}
        case _:
            raise Rejected(f"{', '.join(sorted(patch))}: a comment has a body and nothing else")


def milestone_changes(patch: Patch, marker: Marker | None) -> dict[str, Any]:
    """The body of the request that applies a patch to a milestone. Raises Rejected for what it cannot hold."""
    body: dict[str, Any] = {}
    for field, value in patch.items():
        match field, value:
            case Field.TITLE, str():
                body["title"] = clean(value)
            case Field.BODY, str():
                body["description"] = with_marker(value, marker)
            case Field.STATUS, Status():
                body["state"] = "closed" if value.category is Category.DONE else "open"
            case Field.DUE, None:
                body["due_on"] = None
            case Field.DUE, date():
                # GitHub keeps the day in its own time zone, eight hours west of UTC: noon is the same day in both.
                body["due_on"] = f"{value.isoformat()}T12:00:00Z"
            case _:
                raise Rejected(f"{field}: a milestone cannot hold {value!r}")
    return body


def element_wise(based_on: tuple[str, ...], wanted: tuple[str, ...], shown: tuple[str, ...]) -> tuple[str, ...]:
    """The labels to write so that what others added or removed meanwhile stays; case is of no meaning."""
    before, after = ({label.casefold() for label in labels} for labels in (based_on, wanted))
    kept = [label for label in shown if label.casefold() not in before - after]
    present = {label.casefold() for label in kept}
    new = after - before - present
    return tuple(sorted([*kept, *(label for label in wanted if label.casefold() in new)]))


def same(field: Field, one: Value, other: Value) -> bool:
    """Two values of a field are the same to GitHub: line ends and the case of labels and logins do not count."""
    match one, other:
        case str(), str() if field is Field.TITLE:
            return one.strip() == other.strip()
        case str(), str() if field is Field.BODY:
            return one.replace("\r\n", "\n").rstrip() == other.replace("\r\n", "\n").rstrip()
        case tuple(), tuple() if field in (Field.LABELS, Field.ASSIGNEES):
            return {element.casefold() for element in one} == {element.casefold() for element in other}
        case Status(name=name, reason=reason), Status():
            return name == other.name and (name == "open" or (reason or "completed") == (other.reason or "completed"))
        case _:
            return one == other


def _state(status: Status) -> dict[str, Any]:
    match status.name:
        case "open":
            return {"state": "open"}
        case "closed" if status.reason is None or status.reason in REASONS:
            return {"state": "closed", "state_reason": status.reason or "completed"}
        case _:
            raise Rejected(f"status: {status.name!r} with reason {status.reason!r} is none of GitHub's")
