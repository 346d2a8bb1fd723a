"""Where Atlassian's documents contradict Jira itself, and what is put in their place; each with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.unit.sandbox.vendor_relaxations import Relaxation

_INSTANTS = "Jira writes offsets without a colon (+0800), which RFC 3339, and so the format date-time, does not allow"
_DAYS = "versions have calendar days (2026-12-24); the document calls Java's Date a date-time"
_UNDATED = "null takes a version's date away, which the document gives no other way to do"
_ANYTHING = "a Java Object, which can hold any JSON value, is declared as an object; so is every value of `fields`"
_VALUES = "a property's value is any JSON value; the document declares the Java string that holds it"
_LISTS = "the operation answers a list; the document declares one element of it"
_PAGES = "the operation answers a page with `values`; the document declares one element of it"
_WORDS = (
    "several words with commas between, as the operation's page says; the document declares the Java class of a list"
)
_VERBS = (
    'an update operation names its verb as the member, {"add": ...}; '
    "the document declares the Java class FieldOperation"
)
_NULLS = "a change from or to nothing has nulls, as Jira Cloud's recorded answers show"
_EXPANSION = "transitions.fields is the documented expansion of a transition; the document leaves out the parameter"
_WHOLE = (
    "a request refused as a whole (too many issues) answers the common error body; the document has only the other 400"
)
_FLAT_PROPERTIES = "an issue's properties are a map by key; the document wraps that map once more"
_LISTED_BY_DATA_CENTER = (
    "/field",
    "/issue/{issueIdOrKey}/remotelink",
    "/issuetype",
    "/priority",
    "/project",
    "/project/{projectIdOrKey}/components",
    "/project/{projectIdOrKey}/statuses",
    "/project/{projectIdOrKey}/versions",
    "/resolution",
    "/role",
    "/status",
    "/statuscategory",
    "/user/assignable/search",
    "/user/search",
)
_PAGED_BY_DATA_CENTER = (
    "/api/2/issue/createmeta/{projectIdOrKey}/issuetypes",
    "/api/2/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
    "/agile/1.0/board",
    "/agile/1.0/board/{boardId}/epic",
    "/agile/1.0/board/{boardId}/project",
    "/agile/1.0/board/{boardId}/sprint",
    "/agile/1.0/board/{boardId}/version",
)


def relaxations(name: str, document: Mapping[str, Any]) -> tuple[Relaxation, ...]:
    """Return what is relaxed in a document; nothing in one that is not Jira's."""
    if not name.startswith("jira-"):
        return ()
    found = [Relaxation(pointer, {"type": "string"}, _INSTANTS) for pointer, _ in _schemas(document, _is_date_time)]
    if name == "jira-cloud-v3":
        found += _cloud()
    if name == "jira-dc-v2":
        found += _data_center(document)
    if name == "jira-agile":
        found += [
            Relaxation(pointer, _list({"type": "string"}), _WORDS) for pointer, _ in _schemas(document, _is_words)
        ]
    return tuple(found)


def _cloud() -> Iterator[Relaxation]:
    """Yield the relaxations of the Cloud document."""
    yield from _nullable_changes("ChangeDetails")
    yield from _dates_of_versions("Version", _UNDATED)
    refused = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("CreatedIssues", "ErrorCollection")]}
    path = _escaped("/rest/api/3/issue/bulk")
    yield Relaxation(f"/paths/{path}/post/responses/400/content/application~1json/schema", refused, _WHOLE)
    one = {"$ref": "#/components/schemas/RemoteIssueLink"}
    path = _escaped("/rest/api/3/issue/{issueIdOrKey}/remotelink")
    pointer = f"/paths/{path}/get/responses/200/content/application~1json/schema"
    yield Relaxation(pointer, {"anyOf": [one, _list(one)]}, _LISTS + ", which is what a globalId asks for")


def _nullable_changes(schema: str) -> Iterator[Relaxation]:
    for name in ("from", "fromString", "to", "toString"):
        yield Relaxation(
            f"/components/schemas/{schema}/properties/{name}", {"type": "string", "nullable": True}, _NULLS
        )


def _data_center(document: Mapping[str, Any]) -> Iterator[Relaxation]:
    """Yield the relaxations of the Data Center document."""
    for pointer, _ in _schemas(document, _is_java_object):
        yield Relaxation(pointer, {}, _ANYTHING)
    for paths, reason, wrap in ((_LISTED_BY_DATA_CENTER, _LISTS, _list), (_PAGED_BY_DATA_CENTER, _PAGES, _page)):
        for path in paths:
            template = path if path.startswith(("/api", "/agile")) else f"/api/2{path}"
            pointer = f"/paths/{_escaped(template)}/get/responses/200/content/application~1json/schema"
            if (asked := _operation(document, template, "get")) is not None:
                element = asked["responses"]["200"]["content"]["application/json"]["schema"]
                yield Relaxation(pointer, wrap({} if _is_java_object(element) else element), reason)
    attach = "/api/2/issue/{issueIdOrKey}/attachments"
    if (asked := _operation(document, attach, "post")) is not None:
        answer = asked["responses"]["200"]["content"]["application/json"]["schema"]
        pointer = f"/paths/{_escaped(attach)}/post/responses/200/content/application~1json/schema"
        yield Relaxation(pointer, _list(answer), _LISTS)
    steps = "/api/2/issue/{issueIdOrKey}/transitions"
    if (asked := _operation(document, steps, "get")) is not None:
        expand = {"in": "query", "name": "expand", "schema": {"type": "string"}}
        yield Relaxation(f"/paths/{_escaped(steps)}/get/parameters", [*asked["parameters"], expand], _EXPANSION)
    yield from _nullable_changes("ChangeItemBean")
    schemas = "/components/schemas"
    yield Relaxation(f"{schemas}/EntityPropertyBean/properties/value", {}, _VALUES)
    yield Relaxation(f"{schemas}/FieldOperation", {"type": "object", "maxProperties": 1}, _VERBS)
    yield Relaxation(f"{schemas}/PropertiesBean", {"type": "object"}, _FLAT_PROPERTIES)
    for template, operations in document["paths"].items():
        put = operations.get("put") or {}
        content = put.get("requestBody", {}).get("content", {}) if "/properties/{" in template else {}
        if "schema" in content.get("application/json", {}):
            pointer = f"/paths/{_escaped(template)}/put/requestBody/content/application~1json/schema"
            yield Relaxation(pointer, {}, _VALUES)
    yield from _dates_of_versions("VersionBean", f"{_DAYS}; {_UNDATED}")


def _operation(document: Mapping[str, Any], template: str, verb: str) -> Mapping[str, Any] | None:
    """Return an operation; None where the table of facts has only its address. It must be there."""
    found: Mapping[str, Any] | None = document["paths"][template][verb]
    return found


def _dates_of_versions(schema: str, reason: str) -> Iterator[Relaxation]:
    for name in ("releaseDate", "startDate"):
        day = {"type": "string", "format": "date", "nullable": True}
        yield Relaxation(f"/components/schemas/{schema}/properties/{name}", day, reason)


def _list(element: Any) -> dict[str, Any]:
    return {"type": "array", "items": element}


def _page(element: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["values"], "properties": {"values": _list(element)}}


def _schemas(node: Any, wanted: Callable[[Mapping[str, Any]], bool], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (pointer, schema) of every wanted schema of a document."""
    if isinstance(node, dict):
        if wanted(node):
            yield pointer, node
        for name, value in node.items():
            yield from _schemas(value, wanted, f"{pointer}/{_escaped(str(name))}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _schemas(value, wanted, f"{pointer}/{index}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_date_time(node: Mapping[str, Any]) -> bool:
    return node.get("format") == "date-time" and node.get("type") == "string"


def _is_words(node: Mapping[str, Any]) -> bool:
    return node.get("type") == "object" and node.get("additionalProperties") is False and not node.get("properties")


def _is_java_object(node: Mapping[str, Any]) -> bool:
    return node.get("type") == "object" and not {"properties", "additionalProperties"} & set(node)
