"""Checks recorded exchanges, requests and answers, against the vendors' own OpenAPI documents.

    for violation in violations(box.log):
        print(violation)

What the documents say of the operations that the connectors use is in `tests/vendor/facts.json`, so every clone checks
those alike. The documents themselves lie in `../shared/specs`: beside them every other operation is checked too. Where
a vendor's document contradicts the vendor's product, `vendor_relaxations` says so and by how much it is relaxed. What
the documents do not describe (a GitHub App's installations, for example) is not checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import parse_qsl

import pytest

from syncer.sandbox import Exchange, RequestLog, Sandbox
from syncer.sandbox.jira.web import NO_SCOPE
from tests.unit.sandbox import jira_relaxations
from tests.unit.sandbox.vendor_relaxations import LEFT_OUT, RELAXATIONS, Relaxation
from tests.vendor import facts

DocumentName = Literal["github-rest", "github-more", "jira-cloud-v3", "jira-dc-v2", "jira-agile"]
DOCUMENTS: tuple[DocumentName, ...] = ("github-rest", "github-more", "jira-cloud-v3", "jira-dc-v2", "jira-agile")

# Where each document's paths start in the sandbox.
_ROOTS: Mapping[DocumentName, str] = {
    "github-rest": "/api/v3",
    "github-more": "/api/v3",
    "jira-cloud-v3": "/jira",
    "jira-dc-v2": "/jira/rest",
    "jira-agile": "/jira",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing in one exchange that a vendor's document does not allow."""

    exchange: Exchange
    part: Literal["request", "response"]
    message: str

    def __str__(self) -> str:
        """Return one line: which exchange, which half, where and what."""
        sent = self.exchange
        query = f"?{sent.query}" if sent.query else ""
        return f"#{sent.index} {sent.verb} {sent.path}{query} -> {sent.status}: {self.part} {self.message}"


def beyond_facts() -> str:
    """Return why operations that no connector uses are not checked here, an empty text when they are."""
    return facts.missing()


def violations(
    log: RequestLog | Iterable[Exchange], jira_deployment: Literal["cloud", "datacenter"] | None = None
) -> list[Violation]:
    """Return everything in the exchanges that the vendors' documents do not allow, in their order.

    Requests that a tracker refused as malformed (400, 422), answers spoilt by a fault and what a gateway answers before
    a tracker is reached are not checked: no document of the tracker describes them. Without
    `jira_deployment` it is the one whose REST version appears in the log.
    """
    exchanges = log.entries if isinstance(log, RequestLog) else tuple(log)
    if jira_deployment is None:
        old = any(exchange.path.startswith("/jira/rest/api/2/") for exchange in exchanges)
        jira_deployment = "datacenter" if old else "cloud"
    return [violation for exchange in exchanges for violation in _check(exchange, jira_deployment == "datacenter")]


@contextmanager
def watching_every_sandbox(found: list[Violation]) -> Iterator[None]:
    """Add to `found` the violations of each sandbox that stops inside the block: for a fixture of the whole session."""
    stop = Sandbox.stop

    def checked_stop(box: Sandbox) -> None:
        stop(box)
        found.extend(violations(box.log, box.jira.deployment))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "stop", checked_stop)
        yield


def unchecked(log: RequestLog) -> list[str]:
    """Return `VERB path` of the exchanges that no document describes."""
    return sorted({f"{entry.verb} {entry.path}" for entry in log.entries if _operation_of(entry, False) is None})


def _check(exchange: Exchange, datacenter: bool) -> Iterator[Violation]:
    """Yield the violations of one exchange."""
    operation = _operation_of(exchange, datacenter)
    if operation is None:
        return
    if exchange.status not in (400, 422):
        yield from (Violation(exchange, "request", message) for message in operation.request_problems(exchange))
    if exchange.status is not None and exchange.fault in (None, "slow") and exchange.response_body != NO_SCOPE:
        yield from (Violation(exchange, "response", message) for message in operation.response_problems(exchange))


def _operation_of(exchange: Exchange, datacenter: bool) -> Operation | None:
    """Return the documented operation that an exchange used, None when no document has it."""
    if exchange.tracker == "github":
        path = _by_name(exchange.path)
        return _described("github-rest", exchange.verb, path) or _described("github-more", exchange.verb, path)
    if datacenter:
        return _described("jira-dc-v2", exchange.verb, exchange.path)
    name: DocumentName = "jira-agile" if exchange.path.startswith("/jira/rest/agile/") else "jira-cloud-v3"
    return _described(name, exchange.verb, exchange.path)


def _described(name: DocumentName, verb: str, path: str) -> Operation | None:
    """Return an operation as the table of facts has it; one that is not in it as the vendor's document does."""
    found = _document(name, whole=False).operation(verb, path)
    return _document(name, whole=True).operation(verb, path) if found is None and facts.whole(name) else found


def _by_name(path: str) -> str:
    """Return a GitHub path by repository name for one by repository id, which the document leaves out."""
    return re.sub(r"^/api/v3/repositories/(\d+)", r"/api/v3/repos/id/\1", path)


class Operation:
    """One verb of one documented path: its parameters, its request body and its answers by status."""

    def __init__(self, document: Document, description: Mapping[str, Any], parameters: Sequence[Any]) -> None:
        self._document = document
        self._description = description
        self._parameters = [document.resolve(parameter) for parameter in parameters]

    def request_problems(self, exchange: Exchange) -> Iterator[str]:
        """Yield what the request has that the document does not allow."""
        yield from self._query_problems(exchange.query)
        described = self._document.resolve(self._description.get("requestBody") or {})
        schema = _json_schema(described)
        if schema is None:
            return
        if not exchange.request_body:
            if described.get("required"):
                yield "has no body"
            return
        try:
            body = exchange.request_json
        except ValueError:
            yield "body is not JSON"
            return
        yield from self._document.problems(schema, body)

    def _query_problems(self, query: str) -> Iterator[str]:
        """Yield query parameters that are not documented, wrong, or missing."""
        known = {each["name"]: each for each in self._parameters if each["in"] == "query"}
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            given.setdefault(name, []).append(value)
        for name, values in given.items():
            if name not in known:
                yield f"query has the unknown parameter {name!r}"
                continue
            schema = known[name].get("schema", {})
            for problem in self._document.problems(schema, self._document.typed(schema, values)):
                yield f"query parameter {name!r}: {problem}"
        for name, described in known.items():
            if described.get("required") and name not in given:
                yield f"query lacks the parameter {name!r}"

    def response_problems(self, exchange: Exchange) -> Iterator[str]:
        """Yield what the answer has that the document does not allow."""
        responses = self._description["responses"]
        status = str(exchange.status)
        key = next((key for key in (status, f"{status[0]}XX", "default") if key in responses), None)
        if key is None:
            # Vendors leave out errors that any operation can have, but not successes.
            if status < "400" and status not in ("301", "304", "307"):
                yield f"status is not documented; documented are {', '.join(responses)}"
            return
        schema = _json_schema(self._document.resolve(responses[key]))
        if schema is None or exchange.status == 304:
            return
        try:
            body = exchange.response_json
        except ValueError:
            yield "body is not JSON"
            return
        yield from self._document.problems(schema, body)


class Document:
    """One OpenAPI 3.0 document, whole or as the table of facts has it, with its schemas made JSON Schema."""

    def __init__(self, name: DocumentName, raw: dict[str, Any], *, whole: bool) -> None:
        import jsonschema_rs

        self._uri = f"urn:vendor:{name}"
        for relaxation in relaxations(name, raw):
            _replace(raw, relaxation.pointer, relaxation.replacement, must=whole)
        _require_no_more(raw, LEFT_OUT.get(name, {}))
        self._raw = raw
        schemas = {"components": {"schemas": _converted(raw["components"]["schemas"], self._uri)}}
        self._registry = jsonschema_rs.Registry([(self._uri, schemas)])
        self._validators: dict[str, Any] = {}
        self._patterns = [
            (re.compile(_ROOTS[name] + _pattern(path) + r"\Z"), path) for path in sorted(raw["paths"], key=_generality)
        ]
        self._operations: dict[tuple[str, str], Operation] = {}

    def operation(self, verb: str, path: str) -> Operation | None:
        """Return the operation of a verb and a path from the sandbox's root, None when it is not documented."""
        for pattern, template in self._patterns:
            described = self._raw["paths"][template]
            if verb.lower() in described and pattern.match(path):
                if described[verb.lower()] is None:
                    return None  # no connector uses it: it has an address in the table of facts, and nothing else
                key = (verb, template)
                if key not in self._operations:
                    operation = described[verb.lower()]
                    parameters = [*described.get("parameters", ()), *operation.get("parameters", ())]
                    self._operations[key] = Operation(self, operation, parameters)
                return self._operations[key]
        return None

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a node, or what it refers to."""
        while "$ref" in node:
            found: Any = self._raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def problems(self, schema: Mapping[str, Any], instance: object) -> Iterator[str]:
        """Yield where and how a JSON value breaks a schema; compiled schemas are kept."""
        import jsonschema_rs

        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                _converted(schema, self._uri), registry=self._registry, validate_formats=True, offline=True
            )
        for error in self._validators[key].iter_errors(instance):
            where = "/".join(str(part) for part in error.instance_path)
            yield f"at /{where}: {error.message[:300]}"

    def typed(self, schema: Mapping[str, Any], values: Sequence[str]) -> object:
        """Return query values as the JSON value their schema speaks of."""
        schema = self.resolve(schema)
        if schema.get("type") == "array":
            parts = [part for value in values for part in value.split(",")]
            return [self.typed(schema.get("items", {}), [part]) for part in parts]
        value = values[-1]
        if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?\d+", value):
            return int(value)
        if schema.get("type") == "boolean" and value in ("true", "false"):
            return value == "true"
        return value


def _require_no_more(node: Any, names: Mapping[str, str]) -> None:
    """Take properties of these names from every list of what a schema requires, in place."""
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _require_no_more(each, names)
    if isinstance(node, dict) and isinstance(required := node.get("required"), list):
        required[:] = [name for name in required if name not in names]


def relaxations(name: DocumentName, raw: Mapping[str, Any]) -> tuple[Relaxation, ...]:
    """Return what is relaxed in a document."""
    return (*RELAXATIONS.get(name, ()), *jira_relaxations.relaxations(name, raw))


@cache
def _document(name: DocumentName, *, whole: bool) -> Document:
    """Return a document, read and converted once, with the relaxations of both vendors."""
    return Document(name, facts.document(name) if whole else facts.facts(name), whole=whole)


def _json_schema(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema of the JSON content of a body, None when it has none."""
    content = described.get("content", {})
    for media_type, media in content.items():
        if media_type.split(";")[0].strip() == "application/json" and media.get("schema"):
            schema: Mapping[str, Any] = media["schema"]
            return schema
    return None


def _generality(path: str) -> tuple[int, str]:
    """Return a sort key that puts the path with the fewest parameters first."""
    return path.count("{"), path


def _pattern(path: str) -> str:
    """Return the regular expression of a path template; a label's name may hold slashes."""
    parts = [re.escape(part) for part in re.split(r"\{[^}]+\}", path)]
    pattern = "[^/]+".join(parts)
    return pattern.removesuffix("[^/]+") + ".+" if path.endswith("/labels/{name}") else pattern


def _replace(document: Any, pointer: str, replacement: Any, *, must: bool) -> None:
    """Set what a JSON pointer names in a document; where it must be there, it is an error that it is not."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/")]
    try:
        for part in parents:
            document = document[int(part)] if isinstance(document, list) else document[part]
        if isinstance(document, dict) and last not in document:
            raise KeyError(pointer)
        document[int(last) if isinstance(document, list) else last] = replacement
    except (KeyError, TypeError):
        if must:
            raise


def _converted(node: Any, uri: str) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema 2020-12: `nullable`, references, boolean exclusive bounds."""
    if isinstance(node, list):
        return [_converted(entry, uri) for entry in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        # Siblings of a reference are ignored in OpenAPI 3.0, except `nullable` by the habit of its writers.
        target = {"$ref": uri + node["$ref"]}
        return {"anyOf": [target, {"type": "null"}]} if node.get("nullable") is True else target
    schema = {name: _converted(value, uri) for name, value in node.items() if name not in ("example", "examples")}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive):
            schema[exclusive] = schema.pop(bound)
    if schema.pop("nullable", None) is True:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
