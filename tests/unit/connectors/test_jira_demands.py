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
        ("labels = public", ["labels = public"]),
        ("labels in (public, open) and component = Web", ["labels in (public, open)", "component = Web"]),
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
    assert needs("labels = internal", **given) == ["labels = internal"]


def test_a_demand_comes_with_the_line_that_meets_it() -> None:
    label, component, negative = (
        ScopeSettings.model_validate({"project": "PAY", "filter": text}).demands[0].fix
        for text in ("labels = public", 'component = "Web shop"', "labels != internal")
    )
    assert label == 'create-fields = { labels = ["public"] }'
    assert component == 'create-fields = { components = [{ name = "Web shop" }] }'
    assert negative == 'filter = "(labels is EMPTY OR labels != internal)"'
