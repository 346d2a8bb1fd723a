"""What the vendors' OpenAPI documents say of the operations that the connectors use: facts alone, in every clone.

`facts.json` beside this module holds paths, parameters, fields, types, what is required and what may be null; no word
that a vendor wrote to explain them. Of every other operation only the address is kept, so that it is not taken for one
that is described. The documents lie in `../shared/specs`; `python -m tests.vendor --facts` derives the table from them,
and where they are, a test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
TABLE = Path(__file__).with_name("facts.json")

DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "github-rest": ("github", ""),
    "github-more": ("github", ""),
    "jira-cloud-v3": ("cloud", "/rest/api/3"),
    "jira-dc-v2": ("datacenter", "/api/2"),
    "jira-agile": ("cloud", "/rest"),
}
"""Whose operations a document has, and how its paths begin, those of boards aside."""
BOARDS = "/agile/"
"""How the paths begin of what Jira Software adds: of Data Center it stands in the same document."""

VERBS = frozenset({"get", "post", "put", "patch", "delete"})

KEPT = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "anyOf", "enum", "exclusiveMaximum", "exclusiveMinimum", "format",
        "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties",
        "minimum", "nullable", "oneOf", "pattern", "properties", "required", "type", "uniqueItems",
    }
)  # fmt: skip
"""The keywords of a schema that decide whether a value fits it."""

Json = Mapping[str, Any]


def whole(name: str) -> bool:
    """Whether the vendor's document lies beside this checkout."""
    return (SPECS / f"{name}.json").is_file()


def missing() -> str:
    """Why the table cannot be compared with the vendors' documents; empty where it can."""
    absent = [name for name in DOCUMENTS if not whole(name)]
    return f"the vendors' OpenAPI documents are not beside this checkout: {', '.join(absent)}" if absent else ""


def document(name: str) -> dict[str, Any]:
    """The vendor's own document, read anew."""
    found: dict[str, Any] = json.loads((SPECS / f"{name}.json").read_text("utf-8"))
    return found


def facts(name: str) -> dict[str, Any]:
    """A document as the table has it: an operation that no connector uses is None. The caller may change it."""
    found: dict[str, Any] = json.loads(_text())[name]
    return found


@cache
def _text() -> str:
    return TABLE.read_text("utf-8")


def shape(path: str) -> str:
    """A path with `{}` for what varies in it."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def asked(path: str, root: str) -> str:
    """The shape of a path of a document as a connector asks for it; empty for one that stands elsewhere."""
    return shape(path.removeprefix(root)) if path.startswith((root, BOARDS)) else ""


def derived(used: Collection[tuple[str, str, str]]) -> dict[str, Any]:
    """The table, from the vendors' documents and the operations in use (whose, verb, shape of the path)."""
    return {name: _derived(document(name), *DOCUMENTS[name], used) for name in DOCUMENTS}


def _derived(raw: Json, whose: str, root: str, used: Collection[tuple[str, str, str]]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for path, verbs in raw["paths"].items():
        paths[path] = {
            verb: _operation(raw, described, verbs.get("parameters", ()))
            if (whose, verb.upper(), asked(path, root)) in used
            else None
            for verb, described in verbs.items()
            if verb in VERBS
        }
    schemas: dict[str, Any] = {}
    waiting = sorted(set(_references(paths)))
    while waiting:
        name = waiting.pop().removeprefix("#/components/schemas/")
        if name not in schemas:
            schemas[name] = _schema(raw["components"]["schemas"][name])
            waiting += _references(schemas[name])
    return {"paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


def _operation(raw: Json, described: Json, shared: Any) -> dict[str, Any]:
    parameters = [resolved(raw, each) for each in [*shared, *described.get("parameters", ())]]
    facts: dict[str, Any] = {
        "parameters": [
            {"in": each["in"], "name": each["name"], "schema": _schema(each.get("schema", {}))}
            | ({"required": True} if each.get("required") else {})
            for each in parameters
            if each["in"] == "query"
        ],
        "responses": {
            status: _content(resolved(raw, answer)) for status, answer in sorted(described["responses"].items())
        },
    }
    if "requestBody" in described:
        body = resolved(raw, described["requestBody"])
        facts["requestBody"] = _content(body) | ({"required": True} if body.get("required") else {})
    return facts


def _content(described: Json) -> dict[str, Any]:
    """The JSON of a request or an answer, where it has any."""
    found = {
        kind: {"schema": _schema(media["schema"])}
        for kind, media in described.get("content", {}).items()
        if kind.split(";")[0].strip() == "application/json" and media.get("schema")
    }
    return {"content": found} if found else {}


def _schema(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in sorted(node.items()) if key in KEPT}
    for key, value in kept.items():
        if key == "properties":
            kept[key] = {name: _schema(each) for name, each in sorted(value.items())}
        elif key in {"items", "additionalProperties"}:
            kept[key] = _schema(value)
        elif key in {"allOf", "anyOf", "oneOf"}:
            kept[key] = [_schema(each) for each in value]
    return kept


def resolved(raw: Json, node: Json) -> Json:
    """A node of a document, or what it refers to."""
    while "$ref" in node:
        found: Any = raw
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def text(table: Json) -> str:
    """The table as it stands in its file: one operation and one schema a line, so that a change of it can be read."""
    parts = []
    for name, found in table.items():
        paths = ",\n".join(f"   {json.dumps(path)}: {_line(verbs)}" for path, verbs in found["paths"].items())
        schemas = ",\n".join(
            f"    {json.dumps(schema)}: {_line(held)}" for schema, held in found["components"]["schemas"].items()
        )
        parts.append(
            f' {json.dumps(name)}: {{\n  "paths": {{\n{paths}\n  }},\n'
            f'  "components": {{\n   "schemas": {{\n{schemas}\n   }}\n  }}\n }}'
        )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
