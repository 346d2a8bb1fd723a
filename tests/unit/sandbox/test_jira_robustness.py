"""No body makes the server fail: everything is taken or refused in Jira's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.jira_world import World, served

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 99999), st.floats(0, 9), st.sampled_from(["", "x", "PAY-1", "10000"])
)
names = st.sampled_from(
    [
        "id",
        "key",
        "name",
        "value",
        "accountId",
        "add",
        "set",
        "remove",
        "edit",
        "body",
        "type",
        "content",
        "attrs",
        "marks",
        "version",
        "text",
        "jql",
        "fields",
        "update",
        "comment",
        "labels",
        "assignee",
        "summary",
        "description",
        "parent",
        "priority",
        "components",
        "fixVersions",
        "security",
        "duedate",
        "timetracking",
        "issuelinks",
        "worklog",
        "transition",
        "properties",
        "visibility",
        "customfield_10016",
        "customfield_10020",
        "customfield_10021",
        "issueIdsOrKeys",
        "ids",
        "object",
    ]
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
operations = st.sampled_from(
    [
        ("PUT", "/issue/PAY-1"),
        ("POST", "/issue"),
        ("POST", "/issue/bulk"),
        ("POST", "/issue/PAY-1/comment"),
        ("POST", "/issue/PAY-1/transitions"),
        ("POST", "/issue/PAY-1/remotelink"),
        ("POST", "/issue/bulkfetch"),
        ("POST", "/search"),
        ("POST", "/search/jql"),
        ("POST", "/issueLink"),
        ("POST", "/version"),
    ]
)


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param, parts=()) as found:
        found.create()
        yield found


@given(operations, st.dictionaries(names, values, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body_is_taken_or_refused(world: World, operation: tuple[str, str], body: dict[str, Any]) -> None:
    answer = world.call(*operation, body)
    assert answer.status_code < 500
    if answer.status_code == 400 and operation[1] != "/issue/bulk":
        assert set(answer.json()) == {"errorMessages", "errors"}
