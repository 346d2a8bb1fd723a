"""The operations that the connectors use as the vendors' own OpenAPI documents have them, with the names of a query.

`operations.txt` beside this module holds them, so that every clone can compare; the documents themselves lie in
`../shared/specs`, and where they do, the table is compared with them. `python -m tests.vendor --operations` writes it
anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import connectors.github
import connectors.jira
from tests.vendor.calls import Call, Tracker, calls
from tests.vendor.facts import DOCUMENTS, VERBS, asked, document, resolved

TABLE = Path(__file__).parent / "operations.txt"

DIALECTS: Mapping[Tracker, tuple[str, ...]] = {"github": ("github",), "jira": ("cloud", "datacenter")}

Operation = tuple[str, str, str]
"""Whose, verb, shape of the path."""


@cache
def sent(tracker: Tracker) -> frozenset[Call]:
    """The calls of a connector, with the path as documents write it: owner and name of a repository are two parts."""
    package = {"github": connectors.github, "jira": connectors.jira}[tracker]
    return frozenset(
        Call(call.verb, re.sub(r"^/repos/\{\}", "/repos/{}/{}", call.path), call.keys, call.place)
        for call in calls(package, tracker)
    )


def described() -> dict[Operation, frozenset[str]]:
    """The names of a query of every operation in the vendors' documents."""
    found: dict[Operation, frozenset[str]] = {}
    for name, (whose, root) in DOCUMENTS.items():
        raw = document(name)
        for path, verbs in raw["paths"].items():
            if not (address := asked(path, root)):
                continue
            shared = verbs.get("parameters", [])
            for verb, operation in verbs.items():
                if verb in VERBS:
                    given = [resolved(raw, each) for each in [*shared, *operation.get("parameters", [])]]
                    keys = frozenset(each["name"] for each in given if each["in"] == "query")
                    found[whose, verb.upper(), address] = found.get((whose, verb.upper(), address), frozenset()) | keys
    return found


def used() -> dict[Operation, frozenset[str]]:
    """Those of the documents that a connector uses."""
    known = described()
    wanted = {
        (whose, call.verb, call.path)
        for tracker, dialects in DIALECTS.items()
        for call in sent(tracker)
        for whose in dialects
    }
    return {operation: keys for operation, keys in known.items() if operation in wanted}


def table() -> dict[Operation, frozenset[str]]:
    """The operations of `operations.txt`."""
    found = {}
    for line in TABLE.read_text("utf-8").splitlines():
        whose, verb, path, *keys = line.split()
        found[whose, verb, path] = frozenset(keys)
    return found


def rows(operations: Mapping[Operation, Iterable[str]]) -> Iterator[str]:
    """The lines of `operations.txt`."""
    order = [whose for dialects in DIALECTS.values() for whose in dialects]
    for whose, verb, path in sorted(operations, key=lambda each: (order.index(each[0]), each[2], each[1])):
        yield " ".join([whose, verb, path, *sorted(operations[whose, verb, path])])
