"""Lists the fields issues have, with what REST calls them, what JQL calls them, and the shape of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncer.sandbox.jira.records import Deployment, FieldDefinition

EPIC_LINK = "customfield_10008"
EPIC_NAME = "customfield_10009"
START_DATE = "customfield_10015"
STORY_POINTS = "customfield_10016"
SPRINT = "customfield_10020"
FLAGGED = "customfield_10021"

_SET = ("set",)
_LIST = ("add", "set", "remove")


def _system(
    identifier: str,
    name: str,
    kind: str,
    schema: str | tuple[str, str],
    clauses: Iterable[str] | None = None,
    operations: tuple[str, ...] = (),
    screen: bool = False,
    navigable: bool = True,
) -> FieldDefinition:
    described: dict[str, Any] = {"type": schema, "system": identifier}
    if isinstance(schema, tuple):
        described = {"type": schema[0], "items": schema[1], "system": identifier}
    names = (identifier,) if clauses is None else tuple(clauses)
    return FieldDefinition(identifier, name, kind, names, described, operations, screen, navigable)


_SYSTEM = (
    _system("summary", "Summary", "summary", "string", operations=_SET, screen=True),
    _system("issuetype", "Issue Type", "issuetype", "issuetype", ("issuetype", "type"), operations=_SET, screen=True),
    _system("project", "Project", "project", "project", operations=_SET, screen=True),
    _system("description", "Description", "text", "string", operations=_SET, screen=True),
    _system("environment", "Environment", "text", "string", operations=_SET, screen=True),
    _system("priority", "Priority", "priority", "priority", operations=_SET, screen=True),
    _system("assignee", "Assignee", "user", "user", operations=_SET, screen=True),
    _system("reporter", "Reporter", "user", "user", operations=_SET, screen=True),
    _system("creator", "Creator", "user", "user"),
    _system("status", "Status", "status", "status"),
    _system(
        "statuscategorychangedate", "Status Category Changed", "instant", "datetime", ("statusCategoryChangedDate",)
    ),
    _system("resolution", "Resolution", "resolution", "resolution"),
    _system("resolutiondate", "Resolved", "instant", "datetime", ("resolutiondate", "resolved")),
    _system("created", "Created", "instant", "datetime", ("created", "createdDate")),
    _system("updated", "Updated", "instant", "datetime", ("updated", "updatedDate")),
    _system("lastViewed", "Last Viewed", "instant", "datetime"),
    _system("duedate", "Due date", "date", "date", ("due", "duedate"), operations=_SET, screen=True),
    _system("labels", "Labels", "labels", ("array", "string"), operations=_LIST, screen=True),
    _system(
        "components", "Components", "components", ("array", "component"), ("component",), operations=_LIST, screen=True
    ),
    _system(
        "fixVersions", "Fix versions", "versions", ("array", "version"), ("fixVersion",), operations=_LIST, screen=True
    ),
    _system(
        "versions",
        "Affects versions",
        "versions",
        ("array", "version"),
        ("affectedVersion",),
        operations=_LIST,
        screen=True,
    ),
    _system("parent", "Parent", "parent", "issuelink", operations=_SET, screen=True, navigable=False),
    _system("subtasks", "Sub-tasks", "subtasks", ("array", "issuelinks"), ()),
    _system("security", "Security Level", "security", "securitylevel", ("level",), operations=_SET, screen=True),
    _system("issuelinks", "Linked Issues", "issuelinks", ("array", "issuelinks"), (), operations=("add",), screen=True),
    _system("attachment", "Attachment", "attachment", ("array", "attachment"), ("attachments",), navigable=False),
    _system(
        "comment",
        "Comment",
        "comment",
        "comments-page",
        operations=("add", "edit", "remove"),
        screen=True,
        navigable=False,
    ),
    _system(
        "worklog", "Log Work", "worklog", ("array", "worklog"), (), operations=("add",), screen=True, navigable=False
    ),
    _system("watches", "Watchers", "watches", "watches", ()),
    _system("votes", "Votes", "votes", "votes", ()),
    _system(
        "timetracking",
        "Time tracking",
        "timetracking",
        "timetracking",
        (),
        operations=("set", "edit"),
        screen=True,
        navigable=False,
    ),
    _system("timespent", "Time Spent", "seconds", "number"),
    _system("timeestimate", "Remaining Estimate", "seconds", "number"),
    _system("timeoriginalestimate", "Original estimate", "seconds", "number"),
    _system("progress", "Progress", "progress", "progress", ()),
    _system("workratio", "Work Ratio", "workratio", "number", ("workratio",)),
)

_PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
_AGILE = "com.pyxis.greenhopper.jira:"
_APP = "com.example.formulas:"
_STRING, _OPTIONS = {"type": "string"}, {"type": "array", "items": "option"}


@dataclass(frozen=True, slots=True)
class _CustomKind:
    """A type of custom field: how its value is held, its key, the shape of its value, and what an edit can do."""

    held: str
    key: str
    schema: Mapping[str, Any]
    operations: tuple[str, ...] = _SET


# What `GET field` tells of a type is as in public recordings of Cloud and Server; what each takes is as on Atlassian's
# page "Field input formats".
_CUSTOM_KINDS: Mapping[str, _CustomKind] = {
    "string": _CustomKind("string", _PREFIX + "textfield", _STRING),
    "text": _CustomKind("text", _PREFIX + "textarea", _STRING),
    "url": _CustomKind("string", _PREFIX + "url", _STRING),
    "number": _CustomKind("number", _PREFIX + "float", {"type": "number"}),
    "points": _CustomKind("number", _AGILE + "jsw-story-points", {"type": "number"}),
    "date": _CustomKind("date", _PREFIX + "datepicker", {"type": "date"}),
    "instant": _CustomKind("instant", _PREFIX + "datetime", {"type": "datetime"}),
    "option": _CustomKind("option", _PREFIX + "select", {"type": "option"}),
    "radio": _CustomKind("option", _PREFIX + "radiobuttons", {"type": "option"}),
    "options": _CustomKind("options", _PREFIX + "multicheckboxes", _OPTIONS, _LIST),
    "multiselect": _CustomKind("options", _PREFIX + "multiselect", _OPTIONS, _LIST),
    "labels": _CustomKind("labels", _PREFIX + "labels", {"type": "array", "items": "string"}, _LIST),
    "user": _CustomKind("user", _PREFIX + "userpicker", {"type": "user"}),
    "sprint": _CustomKind("sprint", _AGILE + "gh-sprint", {"type": "array", "items": "json"}),
    "epic": _CustomKind("epic", _AGILE + "gh-epic-link", {"type": "any"}),
    # Nobody enters what these hold: an app computes it, or Jira itself.
    "computed number": _CustomKind("number", _APP + "number", {"type": "number"}, ()),
    "computed text": _CustomKind("string", _APP + "text", _STRING, ()),
    "readonly": _CustomKind("string", _PREFIX + "readonlyfield", _STRING, ()),
    "rank": _CustomKind("string", _AGILE + "gh-lexo-rank", {"type": "any"}, ()),
    "table": _CustomKind("string", _APP + "table", {"type": "any"}),
}


def custom_field(identifier: str, name: str, kind: str) -> FieldDefinition:
    """Returns the definition of a custom field of one of the kinds above; raises KeyError for another kind."""
    made = _CUSTOM_KINDS[kind]
    number = identifier.removeprefix("customfield_")
    described = {**made.schema, "custom": made.key, "customId": int(number)}
    names = (name, f"cf[{number}]")
    return FieldDefinition(identifier, name, made.held, names, described, made.operations, bool(made.operations))


_RESTRICTION = _system(
    "issuerestriction",
    "Restrict to",
    "restriction",
    "issuerestriction",
    (),
    operations=("set", "add", "remove"),
    navigable=False,
)


def initial_fields(deployment: Deployment) -> dict[str, FieldDefinition]:
    """Returns the fields of a fresh site by id."""
    fields = {definition.id: definition for definition in _SYSTEM}
    customs = [
        (START_DATE, "Start date", "date"),
        (STORY_POINTS, "Story Points" if deployment == "datacenter" else "Story point estimate", "number"),
        (SPRINT, "Sprint", "sprint"),
        (FLAGGED, "Flagged", "options"),
    ]
    if deployment == "cloud":
        fields[_RESTRICTION.id] = _RESTRICTION
    if deployment == "datacenter":
        customs += [(EPIC_LINK, "Epic Link", "epic"), (EPIC_NAME, "Epic Name", "string")]
    for identifier, name, kind in customs:
        fields[identifier] = custom_field(identifier, name, kind)
    return fields


def select_fields(definitions: Mapping[str, FieldDefinition], wanted: Iterable[str], default: str) -> list[str]:
    """Returns the ids of the fields a `fields` parameter asks for, in catalogue order.

    It may hold `*all`, `*navigable`, ids, names, and `-id` or `-name` to leave one out.

    Unknown names select nothing, as in Jira; an empty parameter, or one that only excludes, starts from `default`.
    """
    words = [word.strip() for item in wanted for word in item.split(",") if word.strip()]
    if not [word for word in words if not word.startswith("-")]:
        words = [*default.split(","), *words]
    by_name = {definition.name.casefold(): definition.id for definition in definitions.values()}
    chosen: set[str] = set()
    for word in words:
        if word == "*all":
            chosen.update(definitions)
        elif word == "*navigable":
            chosen.update(identifier for identifier, definition in definitions.items() if definition.navigable)
        elif not word.startswith("-"):
            chosen.add(word if word in definitions else by_name.get(word.casefold(), ""))
    for word in words:
        if word.startswith("-"):
            chosen.discard(word[1:])
            chosen.discard(by_name.get(word[1:].casefold(), ""))
    return [identifier for identifier in definitions if identifier in chosen]
