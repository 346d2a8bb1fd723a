"""JQL is quoted so that nothing a person or a configuration says can change what a query asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import jql


def _unquoted(text: str) -> str:
    """The string that a JQL parser reads from a quoted one; raises when the quotation ends early."""
    assert text.startswith('"')
    assert text.endswith('"')
    signs, read = iter(text[1:-1]), []
    for sign in signs:
        assert sign not in '"\n\r', "the quotation ends before its end"
        read.append({"n": "\n", "r": "\r"}.get(following := next(signs), following) if sign == "\\" else sign)
    return "".join(read)


@given(st.text())
def test_any_text_is_read_back_from_its_quotation(text: str) -> None:
    assert _unquoted(jql.quoted(text)) == text


@pytest.mark.parametrize("key", ["PAY", "A1", "PAY_2"])
def test_project_keys_are_accepted(key: str) -> None:
    assert jql.in_project(key) == f'project = "{key}"'


@pytest.mark.parametrize("key", ["", "pay", "P", "1PAY", 'PAY" OR key != "', "PAY OR 1=1", "PAY\n"])
def test_what_is_no_project_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a project key"):
        jql.project_key(key)


def test_a_project_is_named_by_id_when_it_is_known() -> None:
    assert jql.in_project("10010") == "project = 10010"


@pytest.mark.parametrize(
    "text",
    [
        "labels = a) OR (project = X",
        "labels = (a",
        'summary ~ "open',
        "labels = a ORDER BY key",
        "labels = a order  by key",
        "summary ~ 'it",
        'summary ~ "a\\"',
    ],
)
def test_a_filter_that_reaches_outside_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"parenthesis|quotation|ORDER BY"):
        jql.condition(text)


@pytest.mark.parametrize("text", ["labels != internal", 'summary ~ "a) ORDER BY (b"', "a in (1, 2) AND (b = 'x(')", ""])
def test_a_complete_condition_is_a_filter(text: str) -> None:
    assert jql.condition(text) == text


def test_a_filter_with_or_stays_inside_its_project() -> None:
    query = jql.all_of([jql.in_project("PAY"), jql.updated_since(1), jql.within("a = 1 OR b = 2")], "updated ASC")
    assert query == 'project = "PAY" AND updated >= 1 AND (a = 1 OR b = 2) ORDER BY updated ASC'


def test_no_filter_leaves_no_trace() -> None:
    assert jql.all_of([jql.in_project("PAY"), jql.within("  ")]) == 'project = "PAY"'
