"""Properties of issues: JSON that applications keep beside the fields."""

from __future__ import annotations

import json
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.bodies import PROPERTY_LIMIT
from syncer.sandbox.jira.problems import invalid, not_found
from syncer.sandbox.jira.records import Issue
from syncer.sandbox.jira.web import Answer, Call, Registry

AREA = Registry()


def _write(call: Call, issue: Issue, properties: dict[str, Any]) -> None:
    permissions.require(call.jira, call.account, "EDIT_ISSUES", issue.project, "edit issues in this project")
    # A property is no field: neither `updated` nor the changelog moves.
    call.jira.commit(issue, call.account, {"properties": properties}, touch=False)


@AREA.on("GET", "/issue/{issue}/properties")
def keys(call: Call) -> Any:
    """Lists the keys of an issue's properties."""
    issue = call.issue()
    link = f"{call.render.root}/issue/{issue.key}/properties"
    return {"keys": [{"self": f"{link}/{key}", "key": key} for key in issue.content["properties"]]}


@AREA.on("GET", "/issue/{issue}/properties/{property}")
def read(call: Call) -> Any:
    """Answers one property of an issue."""
    issue, key = call.issue(), call.path["property"]
    if key not in issue.content["properties"]:
        raise not_found(f"The property '{key}' does not exist.")
    return {"key": key, "value": issue.content["properties"][key]}


@AREA.on("PUT", "/issue/{issue}/properties/{property}")
def write(call: Call) -> Any:
    """Sets a property of an issue: 201 when it is new, 200 when it was there."""
    issue, key, value = call.issue(), call.path["property"], call.json()
    if len(key) > 255 or len(json.dumps(value)) > PROPERTY_LIMIT:
        raise invalid(f"A property has a key of at most 255 and a value of at most {PROPERTY_LIMIT} characters.")
    present = key in issue.content["properties"]
    _write(call, issue, {**issue.content["properties"], key: value})
    return Answer(200 if present else 201, {})


@AREA.on("DELETE", "/issue/{issue}/properties/{property}")
def delete(call: Call) -> Any:
    """Deletes a property of an issue."""
    issue, key = call.issue(), call.path["property"]
    if key not in issue.content["properties"]:
        raise not_found(f"The property '{key}' does not exist.")
    _write(call, issue, {name: value for name, value in issue.content["properties"].items() if name != key})
    return Answer(204)
