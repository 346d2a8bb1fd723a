"""Turns the values of a create or edit body into what an issue stores, refusing what Jira refuses in Jira's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import adf, permissions
from syncer.sandbox.jira.fields import EPIC_LINK, SPRINT
from syncer.sandbox.jira.problems import FieldError, invalid
from syncer.sandbox.jira.records import (
    Component,
    FieldDefinition,
    Issue,
    IssueType,
    Priority,
    Project,
    Resolution,
    SecurityLevel,
    User,
    Version,
)

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira

TEXT_LIMIT = 32_767
SUMMARY_LIMIT = 255
LINE_LIMIT = 255
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_URL = re.compile(r"(https?|ftp)://[^\s/]+\S*", re.IGNORECASE)
_DURATION = re.compile(r"(\d+)\s*([wdhm])")
_SECONDS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}


@dataclass(frozen=True, slots=True)
class Target:
    """Says where values are going: the site, the project and type, who sends them, and in which REST version."""

    jira: Jira
    account: User | None
    project: Project
    issue_type: IssueType
    rich: bool
    issue: Issue | None = None


def parse(target: Target, definition: FieldDefinition, raw: Any) -> Any:
    """Returns the stored form of `raw` for a field; raises FieldError with Jira's message."""
    read = _READERS.get(definition.kind)
    if read is None:
        raise FieldError(f"Field '{definition.id}' cannot be set. It is not on the appropriate screen, or unknown.")
    return read(target, definition, raw)


def _summary(raw: Any) -> str:
    if raw is not None and not isinstance(raw, str):
        raise FieldError("Operation value must be a string")
    text = (raw or "").strip()
    if not text:
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in text or "\r" in text:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(text) > SUMMARY_LIMIT:
        raise FieldError(f"Summary must be less than {SUMMARY_LIMIT} characters.")
    return text


def rich_text(target: Target, raw: Any) -> Any:
    """Returns stored text: wiki markup on Data Center, a document on Cloud; empty text is nothing.

    The limit counts characters of the plain text: Atlassian does not publish how a document's length is counted.
    """
    if raw is None or raw == "":
        return None
    text = _document(target, raw) if target.rich else _plain(target, raw)
    rewrite = target.jira.rewrite_text
    return text if rewrite is None or text is None else rewrite(text)


def _plain(target: Target, raw: Any) -> Any:
    text = _string(raw) or ""
    if len(text) > TEXT_LIMIT:
        raise FieldError(f"The entered text is too long. It exceeds the allowed limit of {TEXT_LIMIT:,} characters.")
    return adf.from_text(text) if target.jira.is_cloud else text


def _document(target: Target, raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise FieldError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if not adf.is_valid(raw):
        raise invalid("INVALID_INPUT")
    if len(adf.plain_text(raw)) > TEXT_LIMIT:
        raise FieldError("CONTENT_LIMIT_EXCEEDED")
    if not adf.media_of(raw) <= _media(target):
        raise FieldError("ATTACHMENT_VALIDATION_ERROR")
    return raw if raw["content"] else None


def _media(target: Target) -> set[str]:
    """Returns the files that text of an issue may show: its own attachments, and what it shows already."""
    if target.issue is None:
        return set()
    content = target.issue.content
    shown = [content.get("description"), *(comment.body for comment in content["comment"])]
    attached = {each.media for each in content["attachment"]}
    return attached.union(*(adf.media_of(each) for each in shown if isinstance(each, dict)))


def _string(raw: Any) -> str | None:
    if raw is not None and not isinstance(raw, str):
        raise FieldError("Operation value must be a string")
    return raw or None


def _line(definition: FieldDefinition, raw: Any) -> str | None:
    """Returns a text of one line, an address where the field is for one."""
    text = _string(raw)
    if text is not None and len(text) > LINE_LIMIT:
        raise FieldError(f"The entered text is too long. It exceeds the allowed limit of {LINE_LIMIT} characters.")
    for_addresses = str((definition.schema or {}).get("custom")).endswith(":url")
    if text is not None and for_addresses and not _URL.fullmatch(text):
        raise FieldError(f"Not a valid URL: {text}")
    return text


def _array(raw: Any) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise FieldError("data was not an array")
    return raw


def reference(raw: Any, *names: str) -> str | None:
    """Returns the first of the named members of a reference object.

    Raises FieldError when `raw` is no object or has none.
    """
    if not isinstance(raw, Mapping):
        raise FieldError("data was not an object")
    for name in names:
        if raw.get(name) is not None:
            return str(raw[name])
    if any(name in raw for name in names):
        return None
    raise FieldError(f"expected one of {', '.join(names)}")


def _user(target: Target, definition: FieldDefinition, raw: Any) -> User | None:
    if raw is None:
        return None
    names = ("accountId", "id") if target.jira.is_cloud else ("name", "key")
    identifier = reference(raw, *names)
    if not identifier:
        return None
    if identifier == "-1" and definition.id == "assignee":
        return target.project.lead
    user = target.jira.users.get(identifier) or next(
        (each for each in target.jira.users.values() if each.key == identifier), None
    )
    if user is None:
        raise FieldError(
            "Specify a valid value for " + definition.id
            if target.jira.is_cloud
            else f"User '{identifier}' does not exist."
        )
    if definition.id == "assignee" and not permissions.allows(target.jira, user, "ASSIGNABLE_USER", target.project):
        raise FieldError(
            f"User '{user.display_name if target.jira.is_cloud else identifier}' cannot be assigned issues."
        )
    return user


def day(raw: Any) -> date | None:
    """Returns a calendar day from `yyyy-MM-dd`; raises FieldError for anything else."""
    if raw is None or raw == "":
        return None
    try:
        if not isinstance(raw, str) or not _DAY.fullmatch(raw):
            raise ValueError
        year, month, number = map(int, raw.split("-"))
        return date(year, month, number)
    except ValueError:
        raise FieldError(f"Error parsing date string: {raw}") from None


def _instant(raw: Any) -> datetime | None:
    if raw is None:
        return None
    try:
        return datetime.strptime(str(raw), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        raise FieldError(f"Error parsing date string: {raw}") from None


def _number(raw: Any) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise FieldError("Operation value must be a number")
    return float(raw)


def label(raw: Any) -> str:
    """Returns a label; raises FieldError when it is empty, too long, or has white space in it."""
    if not isinstance(raw, str):
        raise FieldError("string expected at index 0")
    if any(character.isspace() for character in raw):
        raise FieldError(f"The label '{raw}' contains spaces which is invalid.")
    if not raw or len(raw) > 255:
        raise FieldError(f"The label '{raw[:20]}' is invalid: a label has between 1 and 255 characters.")
    return raw


def _labels(raw: Any) -> tuple[str, ...]:
    # Jira keeps labels as a set and shows them sorted.
    return tuple(sorted({label(each) for each in _array(raw)}))


def component(target: Target, raw: Any) -> Component:
    """Returns the project's component a reference names by id or name."""
    wanted = reference(raw, "id", "name")
    for each in target.project.components.values():
        if wanted == (each.id if "id" in raw else each.name):
            return each
    raise FieldError(f"Component {'id' if 'id' in raw else 'name'} '{wanted}' is not valid")


def version(target: Target, raw: Any) -> Version:
    """Returns the project's version a reference names by id or name."""
    wanted = reference(raw, "id", "name")
    for each in target.project.versions.values():
        if wanted == (each.id if "id" in raw else each.name):
            return each
    raise FieldError(f"Version {'id' if 'id' in raw else 'name'} '{wanted}' is not valid")


def _priority(target: Target, raw: Any) -> Priority:
    wanted = None if raw is None else reference(raw, "id", "name")
    for each in target.jira.priorities:
        if wanted in {each.id, each.name} and wanted is not None:
            return each
    raise FieldError("The priority selected is invalid." if wanted else "Priority is required.")


def resolution(jira: Jira, raw: Any) -> Resolution:
    """Returns the resolution a reference names."""
    wanted = None if raw is None else reference(raw, "id", "name")
    for each in jira.resolutions.values():
        if wanted in {each.id, each.name}:
            return each
    raise FieldError(f"Resolution '{wanted}' is not valid" if wanted else "Resolution is required.")


def issue_type(jira: Jira, project: Project, raw: Any) -> IssueType:
    """Returns the issue type a reference names, if the project has it."""
    wanted = None if raw is None else reference(raw, "id", "name")
    for each in project.types:
        if wanted in {each.id, each.name}:
            return each
    raise FieldError("Specify a valid issue type" if jira.is_cloud else "valid issue type is required")


def _changed_type(target: Target, raw: Any) -> IssueType:
    found = issue_type(target.jira, target.project, raw)
    workflow = target.jira.workflow(target.project, found)
    if target.issue is not None and target.issue.content["status"] not in workflow.statuses():
        # An edit cannot carry an issue into a workflow without its status. Jira itself is stricter: it refuses any
        # other workflow and asks for a move.
        raise FieldError("The issue type selected is invalid.")
    return found


def _security(target: Target, raw: Any) -> SecurityLevel | None:
    if raw is None:
        return None
    wanted = reference(raw, "id", "name")
    for level in target.project.security_levels.values():
        if (
            wanted in {level.id, level.name}
            and target.account is not None
            and target.account.identifier in level.members
        ):
            return level
    raise FieldError(f"Security level '{wanted}' is not valid")


def _option(target: Target, definition: FieldDefinition, raw: Any) -> dict[str, str]:
    wanted = reference(raw, "id", "value")
    for option in target.jira.options.get(definition.id, {}).values():
        if wanted in {option["id"], option["value"]} and not _is_closed(target, definition, option):
            return option
    raise FieldError(f"Option {'id' if 'id' in raw else 'value'} '{wanted}' is not valid")


def _is_closed(target: Target, definition: FieldDefinition, option: dict[str, str]) -> bool:
    """Tells whether an option was disabled, and the issue does not have it already."""
    held = target.issue.content.get(definition.id) if target.issue is not None else None
    there = held if isinstance(held, tuple) else (held,)
    return option["id"] in target.jira.disabled_options and option not in there


def _sprints(target: Target, raw: Any) -> tuple[Any, ...] | None:
    held = (target.issue.content.get(SPRINT) or ()) if target.issue else ()
    closed = tuple(each for each in held if each.state == "closed")
    if raw is None:
        return closed or None
    if isinstance(raw, bool) or not isinstance(raw, int) or raw not in target.jira.sprints:
        raise FieldError("Number value expected as the Sprint id.")
    sprint = target.jira.sprints[raw]
    if sprint.state == "closed":
        raise FieldError("Issue can be assigned only active or future sprints.")
    return (*closed, sprint)


def duration(raw: Any) -> int | None:
    """Returns the seconds of a Jira duration such as `1w 2d 3h 4m` (weeks of five days of eight hours)."""
    if raw is None or raw == "":
        return None
    text = str(raw)
    if _DURATION.sub("", text).strip():
        raise FieldError(f"'{text}' is not a valid duration")
    return sum(int(amount) * _SECONDS[unit] for amount, unit in _DURATION.findall(text))


def _estimates(raw: Any) -> dict[str, int | None]:
    if not isinstance(raw, Mapping):
        raise FieldError("data was not an object")
    return {name: duration(raw[name]) for name in ("originalEstimate", "remainingEstimate") if name in raw}


def _parent(target: Target, definition: FieldDefinition, raw: Any) -> Issue | None:
    if raw is None or raw == "" or (isinstance(raw, Mapping) and raw.get("none") is True):
        if definition.id == "parent" and target.issue_type.subtask:
            raise FieldError("Issue type is a sub-task but parent issue key or id not specified.")
        return None
    if definition.id == EPIC_LINK and target.issue_type.subtask:
        raise FieldError("Sub-tasks cannot be assigned to an epic: they belong to that of their parent.")
    if definition.id == "parent" and not target.jira.is_cloud and not target.issue_type.subtask:
        # Data Center keeps epics in the Epic Link; a parent is for sub-tasks only.
        raise FieldError("Field 'parent' cannot be set. It is not on the appropriate screen, or unknown.")
    wanted = raw if definition.id == EPIC_LINK and isinstance(raw, str) else reference(raw, "id", "key")
    found = target.jira.find_issue(wanted or "")
    if found is None or not permissions.can_see(target.jira, target.account, found.content):
        raise FieldError("Could not find issue by id or key.")
    level, above = target.issue_type.level, found.content["issuetype"].level
    if definition.id == EPIC_LINK and above != 1:
        raise FieldError(f"Issue '{found.key}' must be of type 'Epic'.")
    if definition.id == "parent" and above != level + 1:
        raise FieldError("Given parent work item does not belong to appropriate hierarchy.")
    return found


# How each kind of field reads a value: (where it goes, the field, what was sent) -> what is stored.
_READERS: dict[str, Callable[[Target, FieldDefinition, Any], Any]] = {
    "summary": lambda target, definition, raw: _summary(raw),
    "text": lambda target, definition, raw: rich_text(target, raw),
    "string": lambda target, definition, raw: _line(definition, raw),
    "user": _user,
    "date": lambda target, definition, raw: day(raw),
    "instant": lambda target, definition, raw: _instant(raw),
    "number": lambda target, definition, raw: _number(raw),
    "labels": lambda target, definition, raw: _labels(raw),
    "option": lambda target, definition, raw: None if raw is None else _option(target, definition, raw),
    "options": lambda target, definition, raw: tuple(_option(target, definition, each) for each in _array(raw)),
    "sprint": lambda target, definition, raw: _sprints(target, raw),
    "timetracking": lambda target, definition, raw: _estimates(raw),
    "epic": _parent,
    "parent": _parent,
    "priority": lambda target, definition, raw: _priority(target, raw),
    "components": lambda target, definition, raw: tuple(component(target, each) for each in _array(raw)),
    "versions": lambda target, definition, raw: tuple(version(target, each) for each in _array(raw)),
    "security": lambda target, definition, raw: _security(target, raw),
    "resolution": lambda target, definition, raw: resolution(target.jira, raw),
    "issuetype": lambda target, definition, raw: _changed_type(target, raw),
}
