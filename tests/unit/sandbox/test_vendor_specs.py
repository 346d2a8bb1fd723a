"""The checks against the vendors' documents find what they should: otherwise their silence would mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from syncer.sandbox import Exchange, Sandbox
from tests.unit.sandbox import vendor_specs
from tests.unit.sandbox.github_world import PRIVATE, World

ISSUES = "/api/v3/repos/acme/pay/issues"
LABEL = b'{"id":1,"node_id":"LA_1","url":"http://x/y","name":"a/b","description":null,"color":"ededed","default":false}'


def exchange(verb: str, path: str, status: int, query: str = "", sent: bytes = b"", got: bytes = b"") -> Exchange:
    """Return an exchange as a log would hold it."""
    tracker = "github" if path.startswith("/api/v3") else "jira"
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    return Exchange(0, tracker, verb, path, query, status, sent, got, None, "application/json", None, moment)


def messages(*exchanges: Exchange) -> list[str]:
    """Return what is found, without the exchange it was found in."""
    return [f"{found.part}: {found.message}" for found in vendor_specs.violations(exchanges)]


def test_a_whole_exchange_is_silent(world: World) -> None:
    world.json("POST", f"/repos/{PRIVATE}/issues", {"title": "A", "milestone": None})
    assert vendor_specs.violations(world.box.log) == []
    assert vendor_specs.unchecked(world.box.log) == []


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (exchange("POST", ISSUES, 404, sent=b'{"titel":"A"}', got=b"{}"), 'request: at /: "title" is a required'),
        (exchange("POST", ISSUES, 404, sent=b"{", got=b"{}"), "request: body is not JSON"),
        (exchange("POST", ISSUES, 404, got=b"{}"), "request: has no body"),
        (exchange("GET", ISSUES, 200, "states=all", got=b"[]"), "request: query has the unknown parameter 'states'"),
        (exchange("GET", ISSUES, 200, "state=done", got=b"[]"), "request: query parameter 'state'"),
        (exchange("GET", ISSUES, 200, "per_page=ten", got=b"[]"), "request: query parameter 'per_page'"),
        (exchange("GET", ISSUES, 200, got=b"{}"), 'response: at /: {} is not of type "array"'),
        (exchange("GET", ISSUES, 200, got=b"<html>"), "response: body is not JSON"),
        (exchange("GET", ISSUES, 202, got=b"[]"), "response: status is not documented"),
        (exchange("GET", f"{ISSUES}/1", 404, got=b'{"message":1}'), "response: at /message: 1 is not of type"),
        (exchange("GET", "/jira/rest/api/3/issue/PAY-1", 200, got=b'{"id":1}'), "response: at /id: 1 is not of type"),
        (exchange("GET", "/jira/rest/api/2/issue/PAY-1", 200, got=b'{"id":1}'), "response: at /id: 1 is not of type"),
    ],
)
def test_each_kind_of_mistake_is_found(given: Exchange, part: str) -> None:
    assert any(message.startswith(part) for message in messages(given)), messages(given)


def test_a_request_the_tracker_refused_as_malformed_is_not_checked() -> None:
    assert messages(exchange("POST", ISSUES, 400, sent=b"{", got=b"{}")) == []


@pytest.mark.skipif(vendor_specs.beyond_facts() != "", reason=vendor_specs.beyond_facts())
def test_repositories_by_id_and_labels_with_slashes_are_found() -> None:
    by_id = exchange("GET", "/api/v3/repositories/7/labels/a/b", 200, got=LABEL)
    assert messages(by_id) == []
    assert messages(exchange("GET", "/api/v3/repositories/7/labels/a/b", 200, got=b"{}")) != []


def test_every_sandbox_of_a_session_can_be_watched() -> None:
    found: list[vendor_specs.Violation] = []
    with vendor_specs.watching_every_sandbox(found), Sandbox() as box:
        requests.get(f"{box.github_url}/user?unknown=1", timeout=5)
    assert [violation.message for violation in found] == ["query has the unknown parameter 'unknown'"]
