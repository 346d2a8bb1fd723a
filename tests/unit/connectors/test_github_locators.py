"""How the configuration names a field of people's own making on GitHub."""

from __future__ import annotations

import pytest

from connectors.github import KIND
from connectors.github.locators import IssueFieldLocator, Locator, ProjectFieldLocator


@pytest.mark.parametrize(
    ("written", "locator"),
    [
        ({"issue-field": "Effort"}, IssueFieldLocator("Effort")),
        ({"issue-field": " Target date "}, IssueFieldLocator("Target date")),
        ({"issue-field": 42}, IssueFieldLocator(42)),
        ({"project": 3, "field": "Estimate"}, ProjectFieldLocator(3, "Estimate")),
        ({"project": 3, "field": "Estimate", "owner": "acme"}, ProjectFieldLocator(3, "Estimate", "acme")),
    ],
)
def test_a_place_is_an_issue_field_or_a_field_of_a_project(written: object, locator: Locator) -> None:
    assert KIND.custom_locator(written) == locator
    assert KIND.custom_locator(locator) == locator


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Effort", 'write { issue-field = "Effort" } or { project = 3, field = "Effort" }'),
        (7, 'write { issue-field = "Effort" }'),
        ({}, 'write { issue-field = "Effort" }'),
        ({"issue_field": "Effort"}, 'write { issue-field = "Effort" }'),
        ({"issue-field": "Effort", "project": 3}, 'write { issue-field = "Effort" }'),
        ({"project": 3}, 'field = "Estimate" }'),
        ({"issue-field": ""}, '"" is not a name'),
        ({"issue-field": ["Effort"]}, "is not a name"),
        ({"issue-field": True}, '"True" is not a number that GitHub gives'),
        ({"project": "3", "field": "Estimate"}, '"3" is not a number that GitHub gives'),
        ({"project": 0, "field": "Estimate"}, '"0" is not a number'),
        ({"project": 2**63, "field": "Estimate"}, "is not a number"),
        ({"project": 3, "field": "Estimate", "owner": " "}, "is not a name"),
    ],
)
def test_anything_else_is_answered_with_what_to_write(written: object, said: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        KIND.custom_locator(written)
    assert said in str(refused.value)
