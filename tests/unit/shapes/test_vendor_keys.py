"""The table of the keys that the vendors' documents name is what the documents say, and holds nothing else."""

from __future__ import annotations

import json
import re

import pytest

from syncer.shapes.named import OTHER_OPERATION, answered, asked, documents
from tests import vendor_keys
from tests.vendor import operations


def test_the_table_is_what_the_documents_say() -> None:
    if not vendor_keys.SPECS.is_dir():
        pytest.skip("the vendors' OpenAPI documents are not beside this checkout")
    assert vendor_keys.TABLE.read_text("utf-8") == vendor_keys.text()


def test_the_table_holds_names_of_keys_and_addresses_alone() -> None:
    for part in json.loads(vendor_keys.TABLE.read_text("utf-8")).values():
        assert part.keys() == {"operations", "errors", "positions"}
        assert all(re.fullmatch(r"(GET|POST) (/([A-Za-z0-9_.-]+|\{\}))+", each) for each in part["operations"])
        keys = {key for position in part["positions"] for key in position} - {"*"}
        assert [key for key in keys if not re.fullmatch(r"[A-Za-z0-9_+-]{1,50}", key)] == []
        numbers = {number for position in part["positions"] for number in position.values()}
        assert numbers | {*part["operations"].values(), part["errors"]} <= set(range(len(part["positions"])))


@pytest.mark.parametrize(
    ("kind", "request_", "operation"),
    [
        ("github", "GET /repos/acme/issues", "GET /repos/{}/{}"),
        ("github", "GET /repos/acme/pay/issues/comments", "GET /repos/{}/{}/issues/comments"),
        ("github", "GET /repos/acme/pay/issues/7", "GET /repos/{}/{}/issues/{}"),
        ("github", "GET /repositories/77/issues", OTHER_OPERATION),
        ("github", "DELETE /repos/acme/pay", OTHER_OPERATION),
        ("jira", "GET /rest/api/3/project/PAY", "GET /rest/api/3/project/{}"),
        ("jira", "GET /rest/api/2/project/PAY", "GET /rest/api/2/project/{}"),
        ("jira", "POST /rest/api/3/search/jql", "POST /rest/api/3/search/jql"),
        ("jira", "GET /browse/PAY-1", OTHER_OPERATION),
        ("jira", "GET /rest/api/2/project//role", OTHER_OPERATION),
    ],
)
def test_a_request_is_told_by_its_operation_and_never_by_its_path(kind: str, request_: str, operation: str) -> None:
    assert asked(kind, *request_.split(" ")) == operation


@pytest.mark.parametrize("version", ["2", "3"])
def test_an_issue_has_the_fields_of_every_jira_and_its_own_are_not_named(version: str) -> None:
    issue = answered("jira", f"GET /rest/api/{version}/issue/{{}}", "200")
    fields = issue.below("fields")
    assert fields.names("duedate")
    assert fields.below("assignee").names("displayName")
    assert fields.below("comment").below("comments").names("body")
    assert not fields.names("customfield_10016")
    assert not fields.names("*")


def test_what_is_refused_has_the_keys_of_an_error() -> None:
    assert answered("github", "GET /repos/{}/{}", "404").names("message")
    for version in ("2", "3"):
        errors = answered("jira", f"GET /rest/api/{version}/project/{{}}", "404")
        assert errors.names("errorMessages")
        assert not errors.below("errors").named()


def test_no_key_is_named_where_no_document_tells_anything() -> None:
    assert answered("github", OTHER_OPERATION, "200").named() == []
    assert set(documents()) == {"github", "jira-cloud", "jira-datacenter"}


def test_every_read_of_the_connectors_is_in_the_table() -> None:
    roots = {"github": "", "cloud": "/rest/api/3", "datacenter": "/rest/api/2"}
    known = {operation for document in documents().values() for operation in document.operations}
    read = {
        f"{verb} {'/rest' if path.startswith('/agile/') else roots[whose]}{path}"
        for whose, verb, path in operations.table()
        if verb == "GET" or path.startswith(("/search", "/comment/list")) or path.endswith("/bulkfetch")
    }
    assert read - known == set()
