"""Every request of a connector is an operation of the vendor's own documents, or a row of the register."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl

import pytest

import connectors.github
import connectors.jira
from syncer.sandbox import Exchange
from syncer.sandbox.datasets import BOT
from tests.integration.test_hierarchy import People
from tests.rig import Rig
from tests.vendor import calls, facts, operations
from tests.vendor.calls import Call, Tracker
from tests.vendor.expressions import UnfollowedError
from tests.vendor.register import REGISTER

TRACKERS: Final[tuple[Tracker, ...]] = get_args(Tracker)

ONLY_ON: Final = {
    "cloud": {
        "GET /attachment/content/{}": "rich_text",
        "GET /issue/{}/changelog": "fetches_in_bulk",
        "GET /mypermissions?permissions": "fetches_in_bulk",
        "GET /user?accountId": "account_key",
        "POST /changelog/bulkfetch": "fetches_in_bulk",
        "POST /comment/list": "fetches_in_bulk",
        "POST /issue/bulkfetch": "fetches_in_bulk",
        "POST /search/jql": "fetches_in_bulk",
        "PUT /issue/{}/comment/{}?notifyUsers": "fetches_in_bulk",
        "PUT /issue/{}?returnIssue": "returns_edited_issue",
    }
}
"""What is sent to one deployment alone, and the part of `connectors.jira.dialect.Dialect` that sees to it."""


def registered() -> set[str]:
    """The requests that rows of the register answer for."""
    return {request for row in REGISTER for request in row.requests}


def undocumented(call: Call, whose: str) -> set[str]:
    """What a call asks of a vendor that its documents do not have."""
    known = operations.table()
    request = f"{call.verb} {call.path}"
    if (whose, call.verb, call.path) not in known:
        return {request}
    return {f"{request}?{key}" for key in call.keys - known[whose, call.verb, call.path]}


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_request_is_an_operation_of_the_vendor_or_a_row_of_the_register(tracker: Tracker) -> None:
    for whose in operations.DIALECTS[tracker]:
        elsewhere = {request for other, requests in ONLY_ON.items() if other != whose for request in requests}
        for call in operations.sent(tracker):
            assert undocumented(call, whose) <= registered() | elsewhere, f"{call.place} on {whose}"


def test_what_the_register_answers_for_is_sent_and_in_no_document() -> None:
    told = {
        request
        for tracker, dialects in operations.DIALECTS.items()
        for whose in dialects
        for call in operations.sent(tracker)
        for request in undocumented(call, whose)
    }
    elsewhere = {request for requests in ONLY_ON.values() for request in requests}
    assert registered() <= told - elsewhere
    assert elsewhere <= told


@pytest.mark.skipif(facts.missing() != "", reason=facts.missing())
def test_the_table_of_operations_is_what_the_vendors_documents_say() -> None:
    written = operations.TABLE.read_text("utf-8").splitlines()
    assert written == list(operations.rows(operations.used())), "write it anew: python -m tests.vendor --operations"


def test_a_call_that_cannot_be_followed_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("def look(client, place):\n    client.get(place.address)\n", "utf-8")
    package = type(connectors.jira)("package")
    package.__path__ = [str(tmp_path)]
    with pytest.raises(UnfollowedError, match=r"new.py:2"):
        calls.calls(package, "jira")


def test_a_new_call_of_an_unknown_operation_is_seen_through_a_helper(tmp_path: Path) -> None:
    source = 'def ask(client, path, more=None):\n    client.get(path, {"expand": "a", **(more or {})})\n\n\n'
    source += 'def look(client, key):\n    place = f"/issue/{key}"\n    ask(client, f"{place}/secrets", {"page": 1})\n'
    (tmp_path / "new.py").write_text(source, "utf-8")
    package = type(connectors.jira)("package")
    package.__path__ = [str(tmp_path)]
    (call,) = calls.calls(package, "jira")
    assert (call.verb, call.path, call.keys) == ("GET", "/issue/{}/secrets", {"expand", "page"})
    assert undocumented(call, "cloud") == {"GET /issue/{}/secrets"}


def test_a_helper_that_nobody_is_seen_to_call_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("def ask(client, path):\n    client.get(path)\n\n\nASK = {1: ask}\n", "utf-8")
    package = type(connectors.jira)("package")
    package.__path__ = [str(tmp_path)]
    with pytest.raises(UnfollowedError, match="ask"):
        calls.calls(package, "jira")


@pytest.mark.parametrize("package", [connectors.github, connectors.jira])
def test_a_client_is_called_so_wherever_it_is_at_hand(package: ModuleType) -> None:
    """By this name the reader knows a call that sends."""
    (folder,) = package.__path__
    for path in Path(folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.arg(annotation=ast.Name(id="Client" | "GitHubClient"), arg=name):
                    assert name in calls.RECEIVERS, f"{path.name}:{node.lineno}"
                case ast.Assign(targets=[target], value=ast.Attribute(attr="client" | "_client")):
                    name = target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
                    assert name in calls.RECEIVERS, f"{path.name}:{node.lineno}"


def test_each_exception_of_the_reader_is_still_needed() -> None:
    (folder,) = connectors.github.__path__
    for file, function in calls.ELSEWHERE:
        assert f"def {function}(" in (Path(folder) / file).read_text("utf-8")


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_what_a_sync_and_a_check_send_is_what_was_read_out_of_the_source(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    """The reader is no better than what it misses: a log tells."""
    with Rig(tmp_path, deployment, issues=4, comments=2) as rig:
        people = People(rig)
        one, two = people.issue("One"), people.issue("Two")
        rig.sync()
        rig.sync()
        people.rename_in_jira(one, "Renamed")
        people.rename_in_github("Two", "Renamed as well")
        people.block(one, two)
        rig.sync(sweep=True)
        with rig.context() as context:
            for connector in context.connectors.values():
                connector.check()
                connector.vocabulary()
                connector.roster()  # type: ignore[attr-defined]
        sent = [each for each in rig.box.log.entries if each.user in {BOT, None}]
    assert len({_shape(each) for each in sent}) > 15
    for exchange in sent:
        assert _was_read(exchange), f"{exchange.verb} {exchange.path}?{exchange.query}"


def _shape(exchange: Exchange) -> str:
    return exchange.verb + re.sub(r"\d+", "{}", exchange.path)


def _was_read(exchange: Exchange) -> bool:
    tracker: Tracker = "github" if exchange.tracker == "github" else "jira"
    path = re.sub(r"^/(api/v3|jira(/rest/api/[23])?)", "", exchange.path)
    keys = {name for name, _ in parse_qsl(exchange.query, keep_blank_values=True)}
    return any(
        call.verb == exchange.verb
        and re.fullmatch(re.escape(call.path).replace(r"\{\}", "[^/]+" if "contents" not in call.path else ".+"), path)
        and keys <= call.keys
        for call in operations.sent(tracker)
    )
