"""A field that Jira holds is known everywhere it has to be: where it is asked for, written, created and told of."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.jira.bodies import field_id
from connectors.jira.connector import capabilities
from connectors.jira.creating import nothing_shown
from connectors.jira.history import TOLD
from connectors.jira.probing import ON_SCREEN
from connectors.jira.settings import JiraTracker, ScopeSettings
from connectors.jira.site import CustomFields, Site, issue_fields
from syncer.contract.capabilities import Fidelity
from syncer.contract.model import EDGE_SETS, Field, Kind

NOT_TOLD = frozenset({Field.RELATES, Field.DUPLICATES, Field.CLONES})
"""Links that no task waits for: their past is not read."""
EVERY_ISSUE_HAS = frozenset({Field.TITLE, Field.STATUS, Field.TYPE, Field.PRIORITY})
"""What a create screen cannot leave out, or Jira gives by itself."""
AFTERWARDS = frozenset({Field.PARENT, *EDGE_SETS})
"""What is written once the issue is there."""


@pytest.fixture(params=["cloud", "datacenter"])
def tracker(request: pytest.FixtureRequest) -> JiraTracker:
    keys: dict[str, Any] = {
        "url": "https://jira.example", "deployment": request.param, "start-date": "customfield_1",
        "epic-link": "customfield_2", "token": "secret-token",
    }  # fmt: skip
    if request.param == "cloud":
        keys["user"] = "bot@acme.example"
    return JiraTracker.model_validate(keys)


@pytest.fixture
def site(tracker: JiraTracker) -> Site:
    custom = CustomFields(start_date=tracker.start_date, epic_link=tracker.epic_link)
    return Site(tracker.url, tracker.dialect, "PAY", custom)


def held(tracker: JiraTracker) -> set[Field]:
    """The fields of a task that a project of this site holds and takes."""
    fields = capabilities(tracker, ScopeSettings(project="PAY")).fields[Kind.TASK]
    return {field for field, fidelity in fields.items() if fidelity is not Fidelity.READ_ONLY}


def test_it_is_asked_of_every_issue(tracker: JiraTracker, site: Site) -> None:
    assert {field_id(field, site) for field in held(tracker)} <= set(issue_fields(site))


def test_a_changelog_tells_of_it(tracker: JiraTracker) -> None:
    assert held(tracker) - NOT_TOLD <= TOLD


def test_a_new_issue_shows_it_though_nothing_was_asked_for(tracker: JiraTracker, site: Site) -> None:
    assert held(tracker) <= {*EVERY_ISSUE_HAS, *nothing_shown(site)}


def test_check_looks_for_it_on_the_create_screen(tracker: JiraTracker) -> None:
    assert held(tracker) <= {*ON_SCREEN, *EVERY_ISSUE_HAS, *AFTERWARDS}
