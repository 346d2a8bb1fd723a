"""The addresses that Jira keeps beside an issue, and the fields that hold one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.jira.links import _addresses
from syncer.contract.connector import Page, RemoteLinks
from syncer.contract.errors import Gone
from syncer.contract.model import Observed
from tests.unit.connectors.jira_world import Deployment, Office
from tests.unit.connectors.jira_world import office as opened_office


@pytest.fixture(params=["cloud", "datacenter"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    deployment: Deployment = request.param
    with opened_office(deployment) as place:
        yield place


class Nobody:
    """A store that holds nothing."""

    def observed(self, ref: object) -> None:
        return None

    def comments(self, task: object) -> int:
        return 0

    def marker(self, ref: object) -> None:
        return None


def tasks(office: Office, **tracker: Any) -> list[Observed]:
    pages: list[Page] = list(office.open(**tracker).changes(None, Nobody()))
    return [item for page in pages for item in page.observed]


def link(office: Office, issue: str, address: str) -> None:
    office.acts("mia", "POST", f"/issue/{issue}/remotelink", {"object": {"url": address, "title": "Upstream issue"}})


def test_the_addresses_of_each_issue_are_told_in_the_order_asked_by_one_request_each(office: Office) -> None:
    first, second = office.issue("First"), office.issue("Second")
    link(office, second, "https://code.example/acme/pay/issues/12")
    link(office, second, "https://docs.example/page")
    shown = sorted(tasks(office), key=lambda item: item.ref.id)
    connector = office.open()
    assert isinstance(connector, RemoteLinks)
    office.box.log.reset()
    assert list(connector.remote_links(shown)) == [
        (), ("https://code.example/acme/pay/issues/12", "https://docs.example/page"),
    ]  # fmt: skip
    assert office.paths() == [f"GET /issue/{first}/remotelink", f"GET /issue/{second}/remotelink"]


def test_an_issue_that_is_gone_keeps_no_other_from_being_told(office: Office) -> None:
    office.issue("Kept")
    gone = office.issue("Gone")
    shown = sorted(tasks(office), key=lambda item: item.ref.id)
    office.jira.grant("mia", "DELETE_ISSUES", "PAY")
    office.acts("mia", "DELETE", f"/issue/{gone}")
    first, second = office.open().remote_links(shown)
    assert first == ()
    assert isinstance(second, Gone)


def test_an_answer_is_read_as_a_list_or_as_the_one_link_that_the_document_has() -> None:
    one = {"id": 1, "object": {"url": "https://code.example/1", "title": "x"}}
    assert _addresses([one, {"id": 2}, {"object": {"url": None}}, {"object": None}], "PAY-1") == (
        "https://code.example/1",
    )
    assert _addresses(one, "PAY-1") == ("https://code.example/1",)


def test_a_field_for_the_key_of_another_tracker_is_read_and_changes_no_digest(office: Office) -> None:
    from syncer.core.codec import decode_observed, digest, encode_observed

    field = office.jira.add_custom_field("Upstream", "string").id
    office.issue("First", **{field: " acme/pay#12 "})
    (plain,) = tasks(office)
    (told,) = tasks(office, reference_fields=[field])
    assert (plain.facts.references, told.facts.references) == ((), ("acme/pay#12",))
    assert digest(plain) == digest(told)
    assert decode_observed(encode_observed(told)) == told
    assert "references" not in encode_observed(plain)["facts"]
