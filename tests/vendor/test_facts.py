"""The table of facts is what the documents say, and nothing but facts; every operation in use is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.vendor import facts, operations

SMALL = 300_000
"""Bytes."""


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a part of the table."""
    if not isinstance(node, dict):
        return
    yield node
    below = [*node.get("properties", {}).values(), *(node.get(key) for key in ("items", "additionalProperties"))]
    for part in (*below, *(each for key in ("allOf", "anyOf", "oneOf") for each in node.get(key, ()))):
        yield from schemas(part)


def in_operation(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema of an operation."""
    for each in described["parameters"]:
        yield from schemas(each["schema"])
    for body in (described.get("requestBody", {}), *described["responses"].values()):
        for media in body.get("content", {}).values():
            yield from schemas(media["schema"])


def described(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Verb, path and facts of the operations that a document describes in the table."""
    for path, verbs in facts.facts(name)["paths"].items():
        yield from ((verb, path, each) for verb, each in verbs.items() if each is not None)


@pytest.mark.skipif(facts.missing() != "", reason=facts.missing())
def test_the_table_is_what_the_documents_say() -> None:
    derived = facts.text(facts.derived(operations.used()))
    assert facts.TABLE.read_text("utf-8") == derived, "write it anew: python -m tests.vendor --facts"


def test_the_table_is_small() -> None:
    assert facts.TABLE.stat().st_size < SMALL


def test_every_operation_that_a_connector_uses_is_described() -> None:
    told = {
        (whose, verb.upper(), facts.asked(path, root))
        for name, (whose, root) in facts.DOCUMENTS.items()
        for verb, path, _ in described(name)
    }
    assert told == operations.table().keys()


def test_the_names_of_a_query_are_those_of_the_table_of_operations() -> None:
    table = operations.table()
    for name, (whose, root) in facts.DOCUMENTS.items():
        for verb, path, each in described(name):
            names = {parameter["name"] for parameter in each["parameters"]}
            assert names <= table[whose, verb.upper(), facts.asked(path, root)]


@pytest.mark.parametrize("name", facts.DOCUMENTS)
def test_the_table_holds_facts_and_no_word_of_explanation(name: str) -> None:
    named = facts.facts(name)["components"]["schemas"]
    found = [each for schema in named.values() for each in schemas(schema)]
    found += [each for *_, operation in described(name) for each in in_operation(operation)]
    assert found
    for schema in found:
        assert schema.keys() <= facts.KEPT
        references = schema.get("$ref", "").removeprefix("#/components/schemas/")
        assert not references or references in named
