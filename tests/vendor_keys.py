"""Writes `syncer/shapes/vendor_keys.json` anew: `python -m tests.vendor_keys`.

The table says which keys the vendors' OpenAPI documents name in the answers to what the connectors ask, and at which
position: only such a key may stand in a record of shapes. The documents lie in `../shared/specs` beside the checkout.
Nothing but names is taken from them.

A position is an object of an answer; lists are transparent, because a document that calls a list of objects one object
(as that of Data Center does) names the same keys. `*` leads to what is below the keys that a document leaves open.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT.parent / "shared" / "specs"
TABLE = ROOT / "syncer" / "shapes" / "vendor_keys.json"

GITHUB = """
GET /app/installations/{}
POST /app/installations/{}/access_tokens
GET /installation/repositories
GET /meta
GET /orgs/{}/issue-fields
GET /orgs/{}/issue-types
GET /orgs/{}/projectsV2/{}/fields
GET /orgs/{}/projectsV2/{}/items
GET /orgs/{}/projectsV2/{}/items/{}
GET /orgs/{}/teams/{}/members
GET /rate_limit
GET /repos/{}/{}
GET /repos/{}/{}/assignees
GET /repos/{}/{}/collaborators
GET /repos/{}/{}/collaborators/{}/permission
GET /repos/{}/{}/issues
GET /repos/{}/{}/issues/comments
GET /repos/{}/{}/issues/comments/{}
GET /repos/{}/{}/issues/events
GET /repos/{}/{}/issues/{}
GET /repos/{}/{}/issues/{}/comments
GET /repos/{}/{}/issues/{}/dependencies/blocked_by
GET /repos/{}/{}/issues/{}/dependencies/blocking
GET /repos/{}/{}/issues/{}/events
GET /repos/{}/{}/issues/{}/issue-field-values
GET /repos/{}/{}/issues/{}/parent
GET /repos/{}/{}/issues/{}/sub_issues
GET /repos/{}/{}/issues/{}/timeline
GET /repos/{}/{}/labels
GET /repos/{}/{}/milestones
GET /repos/{}/{}/milestones/{}
GET /repos/{}/{}/pulls
GET /repos/{}/{}/pulls/{}/reviews
GET /repos/{}/{}/releases
GET /repos/{}/{}/teams
GET /search/issues
GET /user
GET /users/{}
GET /users/{}/projectsV2/{}/fields
GET /users/{}/projectsV2/{}/items
GET /users/{}/projectsV2/{}/items/{}
"""

JIRA = """
GET /component/{}
GET /comment/{}/properties/{}
GET /field
GET /issue/createmeta/{}/issuetypes
GET /issue/createmeta/{}/issuetypes/{}
GET /issue/{}
GET /issue/{}/changelog
GET /issue/{}/comment
GET /issue/{}/comment/{}
GET /issue/{}/editmeta
GET /issue/{}/properties/{}
GET /issue/{}/remotelink
GET /issue/{}/transitions
GET /issue/{}/worklog
GET /issueLink/{}
GET /issueLinkType
GET /mypermissions
GET /myself
GET /priority
GET /project
GET /project/{}
GET /project/{}/components
GET /project/{}/issuesecuritylevelscheme
GET /project/{}/role
GET /project/{}/role/{}
GET /project/{}/securitylevel
GET /project/{}/statuses
GET /project/{}/versions
GET /resolution
GET /search
GET /serverInfo
GET /status
GET /user
GET /user/assignable/search
GET /version/{}
POST /changelog/bulkfetch
POST /comment/list
POST /issue/bulkfetch
POST /search
POST /search/approximate-count
POST /search/jql
"""
"""Of both deployments, below `/rest/api/VERSION`; each document has its own part of them."""

AGILE = ("GET /rest/agile/1.0/board", "GET /rest/agile/1.0/board/{}/sprint")
"""Of both deployments; the document is that of Cloud, and there is none of Data Center."""

UNDOCUMENTED = {
    "github": ("GET /app", "GET /repos/{}/{}/contents/{}", "GET /repos/{}/{}/contents/{}/{}"),
    "jira-cloud": ("GET /_edge/tenant_info", "GET /rest/api/3/attachment/content/{}"),
    "jira-datacenter": ("GET /secure/attachment/{}/{}",),
}
"""What the connectors ask beside: these documents do not describe it, and no key of it is named."""

ALIASES = {"GET /user/{}": "GET /users/{}", "GET /repositories/{}": "GET /repos/{}/{}"}
"""GitHub's other address of the same, which its documents leave out."""

UNSAID = ("GET /issue/{}/remotelink", "GET /issueLinkType", "GET /serverInfo")
"""Operations whose answer the document of Data Center leaves empty: what the vendor's other document names counts."""

SYSTEM_FIELDS: Mapping[str, tuple[str, str]] = {
    "aggregateprogress": ("", ""),
    "aggregatetimeestimate": ("", ""),
    "aggregatetimeoriginalestimate": ("", ""),
    "aggregatetimespent": ("", ""),
    "assignee": ("User", "UserJsonBean"),
    "attachment": ("Attachment", "AttachmentJsonBean"),
    "comment": ("PageOfComments", "CommentsWithPaginationJsonBean"),
    "components": ("ProjectComponent", "ComponentBean"),
    "created": ("", ""),
    "creator": ("User", "UserJsonBean"),
    "description": ("", ""),
    "duedate": ("", ""),
    "environment": ("", ""),
    "fixVersions": ("Version", "VersionBean"),
    "issuelinks": ("IssueLink", "issueLinks"),
    "issuerestriction": ("", ""),
    "issuetype": ("IssueTypeDetails", "IssueTypeJsonBean"),
    "labels": ("", ""),
    "lastViewed": ("", ""),
    "parent": ("LinkedIssue", "IssueRefJsonBean"),
    "priority": ("Priority", "PriorityJsonBean"),
    "progress": ("", ""),
    "project": ("ProjectDetails", "ProjectJsonBean"),
    "reporter": ("User", "UserJsonBean"),
    "resolution": ("Resolution", "ResolutionJsonBean"),
    "resolutiondate": ("", ""),
    "security": ("SecurityLevel", "SecurityLevelJsonBean"),
    "status": ("StatusDetails", "StatusJsonBean"),
    "statuscategorychangedate": ("", ""),
    "subtasks": ("LinkedIssue", "IssueRefJsonBean"),
    "summary": ("", ""),
    "timeestimate": ("", ""),
    "timeoriginalestimate": ("", ""),
    "timespent": ("", ""),
    "timetracking": ("TimeTrackingDetails", ""),
    "updated": ("", ""),
    "versions": ("Version", "VersionBean"),
    "votes": ("Votes", "VoteBean"),
    "watches": ("Watchers", "WatchersBean"),
    "worklog": ("PageOfWorklogs", "WorklogWithPaginationBean"),
    "workratio": ("", ""),
}
"""The fields of every Jira with the schemas of Cloud and of Data Center that they have ("": none).

Both documents leave the keys of an issue's `fields` open. These are the ids in recorded answers of Jira Cloud and Jira
Server that no administrator can give a field: one that is added is called `customfield_` and a number.
"""

Schema = Mapping[str, Any]


class Document:
    """One OpenAPI document as positions: a graph in which equal positions are one."""

    def __init__(self, name: str, fields: Mapping[str, str] | None = None) -> None:
        self._raw = json.loads((SPECS / f"{name}.json").read_text("utf-8"))
        self._fields = fields or {}
        self._known: dict[str, int] = {}
        self.positions: list[dict[str, int]] = []

    def operations(self, root: str, wanted: Collection[str], below: str = "") -> Iterator[tuple[str, int]]:
        """The wanted operations that the document has, with the position of a successful answer.

        `root` is where its paths start, `below` what precedes the wanted ones.
        """
        for path, verbs in self._raw["paths"].items():
            address = root + re.sub(r"\{[^}]+\}", "{}", path)
            for verb, described in verbs.items():
                if address.startswith(below) and f"{verb.upper()} {address.removeprefix(below)}" in wanted:
                    answers = described["responses"].items()
                    schemas = [found for status, answer in answers if status < "3" for found in self._json(answer)]
                    yield f"{verb.upper()} {address}", self.position(schemas)

    def named(self, *schemas: str) -> int:
        """The position of schemas by name; those that the document lacks are left out."""
        held = self._raw["components"]["schemas"]
        return self.position([{"$ref": f"#/components/schemas/{name}"} for name in schemas if name in held])

    def position(self, schemas: Sequence[Schema]) -> int:
        """The number of the position where any of `schemas` may stand."""
        identity = json.dumps(sorted((dict(each) for each in schemas), key=json.dumps), sort_keys=True)
        if identity in self._known:
            return self._known[identity]
        number = self._known[identity] = len(self.positions)
        self.positions.append({})
        below: dict[str, list[Schema]] = {}
        for schema in schemas:
            for key, value in self._members(schema, frozenset()):
                below.setdefault(key, []).append(value)
        held = {key: self.position(_distinct(values)) for key, values in below.items() if key != "fields"}
        if "fields" in below:
            held["fields"] = self._of_fields(_distinct(below["fields"]))
        self.positions[number] = held
        return number

    def _of_fields(self, schemas: Sequence[Schema]) -> int:
        """The position of an issue's fields: those of every Jira, where the document leaves the keys open."""
        plain = self.position(schemas)
        if not self._fields or self.positions[plain].keys() - {"*"}:
            return plain
        held = dict(self.positions[plain])
        for field, schema in self._fields.items():
            # Where something else than a value is told of each field, that is what stands below each.
            held[field] = held.get("*") or self.named(schema) if schema or "*" in held else self.position([])
        self.positions.append(held)
        return len(self.positions) - 1

    def _members(self, schema: Schema, seen: frozenset[str]) -> Iterator[tuple[str, Schema]]:
        """The keys of the objects that a schema allows, lists looked through."""
        reference = schema.get("$ref")
        if reference is not None:
            if reference not in seen:
                yield from self._members(self._resolved(reference), seen | {reference})
            return
        yield from (schema.get("properties") or {}).items()
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and any(self._members(more, frozenset())):
            yield "*", more
        parts = [part for kind in ("allOf", "anyOf", "oneOf") for part in schema.get(kind) or ()]
        for part in [*parts, schema.get("items")]:
            if isinstance(part, dict):
                yield from self._members(part, seen)

    def _json(self, answer: Schema) -> Iterator[Schema]:
        described = self._resolved(answer["$ref"]) if "$ref" in answer else answer
        for kind, media in (described.get("content") or {}).items():
            if "json" in kind and media.get("schema"):
                yield media["schema"]

    def _resolved(self, reference: str) -> Schema:
        found: Any = self._raw
        for part in reference.removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found if isinstance(found, dict) else {}


def _distinct(schemas: Sequence[Schema]) -> list[Schema]:
    return list({json.dumps(each, sort_keys=True): each for each in schemas}.values())


def table() -> dict[str, Any]:
    """The table, derived from the documents."""
    github = [Document("github-rest"), Document("github-more")]
    cloud = Document("jira-cloud-v3", {field: schema for field, (schema, _) in SYSTEM_FIELDS.items()})
    datacenter = Document("jira-dc-v2", {field: schema for field, (_, schema) in SYSTEM_FIELDS.items()})
    agile = Document("jira-agile")
    github_asked, jira_asked = GITHUB.split("\n")[1:-1], JIRA.split("\n")[1:-1]
    said, unsaid = set(jira_asked) - set(UNSAID), cloud.operations("", UNSAID, below="/rest/api/3")
    return {
        "github": _vendor(
            "github",
            [(each, each.operations("", github_asked)) for each in github],
            ("basic-error", "validation-error", "validation-error-simple"),
        ),
        "jira-cloud": _vendor(
            "jira-cloud",
            [(cloud, cloud.operations("", jira_asked, below="/rest/api/3")), (agile, agile.operations("", AGILE))],
            ("ErrorCollection",),
        ),
        "jira-datacenter": _vendor(
            "jira-datacenter",
            [
                (datacenter, datacenter.operations("/rest", said, below="/rest/api/2")),
                (cloud, ((each.replace("/3/", "/2/"), number) for each, number in unsaid)),
                (agile, agile.operations("", AGILE)),
            ],
            ("ErrorCollection",),
        ),
    }


def _vendor(
    name: str, documents: Sequence[tuple[Document, Iterable[tuple[str, int]]]], errors: Sequence[str]
) -> dict[str, Any]:
    """One vendor's part: operations and errors with the number of their position, and the positions."""
    positions: list[dict[str, int]] = [{}]
    operations: dict[str, int] = {}
    refused = 0
    for document, found in documents:
        start, asked = len(positions), dict(found)
        error = document.named(*errors)
        positions += [{key: start + value for key, value in held.items()} for held in document.positions]
        operations = {**{each: start + number for each, number in asked.items()}, **operations}
        refused = refused or start + error
    operations |= {other: operations[same] for other, same in ALIASES.items() if same in operations}
    operations |= dict.fromkeys(UNDOCUMENTED[name], 0)
    return _smallest(positions, operations, refused)


def _smallest(positions: Sequence[Mapping[str, int]], operations: Mapping[str, int], errors: int) -> dict[str, Any]:
    """The same with equal positions made one, those that nothing leads to left out, and numbered as they are met."""
    kinds = [0] * len(positions)
    while True:
        seen: dict[Any, int] = {}
        finer = [
            seen.setdefault(tuple(sorted((key, kinds[value]) for key, value in held.items())), len(seen))
            for held in positions
        ]
        if len(seen) == len(set(kinds)):
            break
        kinds = finer
    numbers: dict[int, int] = {kinds[0]: 0}
    listed: list[dict[str, int]] = [{}]
    waiting: list[int] = []

    def number(position: int) -> int:
        kind = kinds[position]
        if kind not in numbers:
            numbers[kind] = len(listed)
            listed.append({})
            waiting.append(position)
        return numbers[kind]

    told = {operation: number(position) for operation, position in sorted(operations.items())}
    refused = number(errors)
    while waiting:
        position = waiting.pop(0)
        listed[numbers[kinds[position]]] = {key: number(value) for key, value in sorted(positions[position].items())}
    return {"operations": told, "errors": refused, "positions": listed}


def text() -> str:
    """The table as it stands in its file: one position a line, so that a change of it can be read."""
    parts = []
    for vendor, part in table().items():
        operations = ",\n".join(f"   {json.dumps(each)}: {number}" for each, number in part["operations"].items())
        positions = ",\n".join("   " + json.dumps(held, separators=(",", ":")) for held in part["positions"])
        parts.append(
            f' {json.dumps(vendor)}: {{\n  "operations": {{\n{operations}\n  }},\n'
            f'  "errors": {part["errors"]},\n  "positions": [\n{positions}\n  ]\n }}'
        )
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    if not SPECS.is_dir():
        sys.exit("the vendors' OpenAPI documents are not beside this checkout")
    TABLE.write_text(text(), "utf-8")
