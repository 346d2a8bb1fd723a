"""What a status of Jira's changelog means that the site does not have any more."""

from datetime import UTC, datetime

import pytest

from connectors.jira.changelog import ChangelogEntry, ChangelogItem
from connectors.jira.dialect import CLOUD
from connectors.jira.history import past_changes
from connectors.jira.site import Site
from syncer.contract.model import Category, Kind, Ref, Status

SITE = Site("https://acme.example", CLOUD, "PAY")
AT = datetime(2020, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "resolution", "meant"),
    [
        ("Open", None, Category.TODO),
        ("Resolved", None, Category.DONE),
        ("closed", "Done", Category.DONE),
        ("Shipped", "Done", Category.DONE),
        ("In Development", None, Category.DOING),
        ("Open here", None, Category.TODO),  # the site still has it, and says so
    ],
)
def test_a_status_that_is_gone(status: str, resolution: str | None, meant: Category) -> None:
    items = [ChangelogItem("status", "1", "Somewhere", "77", status)]
    items += [] if resolution is None else [ChangelogItem("resolution", None, None, "5", resolution)]
    known = {"Open here": Category.TODO}
    (change,) = past_changes(Ref(Kind.TASK, "1"), [ChangelogEntry("9", AT, None, tuple(items))], known, str, SITE)
    assert change.new == Status(status, meant, resolution)
