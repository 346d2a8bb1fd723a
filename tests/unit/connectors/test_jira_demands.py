"""What a filter demands of a new issue: told before the first create that would fall outside it."""

from __future__ import annotations

import pytest

from connectors.jira.settings import ScopeSettings


def needs(filter_: str, **scope: object) -> list[str]:
    settings = ScopeSettings.model_validate({"project": "PAY", "filter": filter_, **scope})
    return [demand.needs for demand in settings.demands]


@pytest.mark.parametrize(
    "filter_",
    [
        "",
        "status != Closed",
        "issuetype not in subTaskIssueTypes()",
        "issuetype in (Task, Bug)",
        "created >= -90d AND resolution = Unresolved",
        "labels is EMPTY OR labels != internal",
        "(labels is EMPTY OR labels not in (internal, secret)) AND (status != Closed)",
        'labels is EMPTY or labels = "and or ("',
    ],
)
def test_a_filter_that_any_new_issue_matches_demands_nothing(filter_: str) -> None:
    assert needs(filter_) == []


@pytest.mark.parametrize(
    ("filter_", "needed"),
    [
        ("labels in (public, open) and component = Web", ["labels in (public, open)"]),
        ("labels = public OR component = Web", ["labels = public"]),
        ("labels != internal", ["labels != internal (which no issue without labels matches)"]),
        ("issuetype = Story", ["issuetype = Story"]),
        ("assignee = currentUser()", ["assignee = currentUser()"]),
        ("NOT labels = internal", ["NOT labels = internal"]),
    ],
)
def test_what_a_new_issue_lacks_is_named(filter_: str, needed: list[str]) -> None:
    assert needs(filter_) == needed


def test_what_every_new_issue_is_given_is_no_longer_demanded() -> None:
    given = {"create-fields": {"labels": ["Public"], "components": [{"name": "Web"}]}}
    assert needs("labels = public AND component = web", **given) == []
    assert needs("labels != internal", **given) == []
    assert needs("labels in (internal, ours)", **given) == ["labels in (internal, ours)"]


def test_a_demand_comes_with_the_line_that_meets_it() -> None:
    label, component, negative = (
        ScopeSettings.model_validate({"project": "PAY", "filter": text}).demands[0].fix
        for text in ("labels in (public, open)", 'component in ("Web shop", Shop)', "labels != internal")
    )
    assert label == 'create-fields = { labels = ["public"] }'
    assert component == 'create-fields = { components = [{ name = "Web shop" }] }'
    assert negative == 'filter = "(labels is EMPTY OR labels != internal)"'


@pytest.mark.parametrize(
    ("filter_", "given"),
    [
        ("labels = public", {"labels": ["public"]}),
        ('(labels in ("in step") AND component = "Web shop") AND status != Closed',
         {"labels": ["in step"], "components": [{"name": "Web shop"}]}),
        ("labels in (public, open)", {}),
        ("labels = public OR labels = open", {}),
        ("labels != internal", {}),
        ("fixVersion = 1.0", {}),
    ],
)  # fmt: skip
def test_a_new_issue_gets_what_a_plain_filter_asks_for(filter_: str, given: dict[str, object]) -> None:
    settings = ScopeSettings.model_validate({"project": "PAY", "filter": filter_})
    assert settings.created_with == given


def test_what_a_filter_asks_for_is_added_once_to_what_the_file_gives() -> None:
    fields = {"labels": ["Public", "new"], "customfield_1": "x"}
    settings = ScopeSettings.model_validate({"project": "PAY", "filter": "labels = public", "create-fields": fields})
    assert settings.created_with == fields
    assert settings.create_fields == fields


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ("", set()),
        ("statusCategory != Done", {"status"}),
        (
            "(status in (Open, Doing) OR resolution is EMPTY) AND sprint in openSprints()",
            {"status", "resolution", "sprint"},
        ),
        ('fixVersion = "1.0" AND assignee = currentUser() AND due < 7d', {"versions", "assignee", "dates"}),
        ("status != Done AND labels = public", {"status", "other"}),
        ("cf[10010] = x", {"other"}),
        ("issuetype = Bug", {"other"}),
        ("NOT status = Done", None),
        ("status was Done", None),
        ("status changed AFTER -1w", None),
    ],
)
def test_what_a_filter_names_is_told_and_none_where_a_part_is_not_understood(
    filter_: str, words: set[str] | None
) -> None:
    found = ScopeSettings.model_validate({"project": "PAY", "filter": filter_}).filter_words
    assert (None if found is None else {word.value for word in found}) == words
