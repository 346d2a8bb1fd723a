"""Whatever one part of one item is replaced by, every other item is read, and that one is shown or named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from connectors.jira import mapping as jira_mapping
from syncer.contract.conformance import Remembered
from syncer.contract.connector import Connector, Page
from syncer.contract.errors import Unreadable
from syncer.contract.model import Field, Kind, Observed, Ref
from tests.conformance.github_world import GitHubWorld
from tests.garbling import Garbling
from tests.unit.connectors.jira_world import office

MISSING = object()
JUNK: Sequence[Any] = (
    MISSING, None, True, -1, 10**400, 1e308, "", "text", "0001-01-01T00:00:00.000+0800", "9999-12-31T23:59:59.000-0800",
    [], [None], [[]], [{}], [7], {}, {"id": None}, {"name": 7, "id": "x"}, [{"id": {}, "name": []}],
)  # fmt: skip

Place = tuple[Garbling, Callable[[], Connector], dict[Kind, Ref]]
"""What spoils answers, what opens a connector, and one item of each kind beside others."""


@pytest.fixture(params=["github", "cloud", "datacenter"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        yield (_github if request.param == "github" else _jira)(stack, request.param)


def _github(stack: ExitStack, _: str) -> Place:
    world = GitHubWorld().start()
    stack.callback(world.box.stop)
    issue = world.act("POST", "/issues", {"title": "Victim", "body": "Text", "labels": ["one"]})
    comment = world.act("POST", f"/issues/{issue['number']}/comments", {"body": "Said"})
    milestone = world.act("POST", "/milestones", {"title": "Spring", "due_on": "2026-05-01T12:00:00Z"})
    world.act("PATCH", f"/issues/{issue['number']}", {"milestone": milestone["number"], "assignees": ["mia"]})
    other = world.act("POST", "/issues", {"title": "Beside"})
    world.act("POST", f"/issues/{other['number']}/comments", {"body": "Beside"})
    world.faults.rewriting = garbling = Garbling()
    ids = {Kind.TASK: issue["id"], Kind.COMMENT: comment["id"], Kind.MILESTONE: milestone["id"]}

    def connector() -> Connector:
        world.advance(10)  # or the requests would use up the hourly limit
        return world.connector()

    return garbling, connector, {kind: Ref(kind, str(native)) for kind, native in ids.items()}


def _jira(stack: ExitStack, deployment: Any) -> Place:
    there = stack.enter_context(office(deployment))
    issue = there.issue("Victim", labels=["one"], duedate="2026-05-01")
    comment = there.comment(issue, "Said")
    version = there.acts("mia", "POST", "/version", {"name": "Spring", "project": "PAY"})["id"]
    there.edit(issue, fixVersions=[{"id": version}])
    there.comment(there.issue("Beside"), "Beside")
    there.box.faults.rewriting = garbling = Garbling()
    ids = {Kind.TASK: issue, Kind.COMMENT: comment, Kind.MILESTONE: version}
    return garbling, lambda: there.open(longest_wait=0, read_tries=1), {
        kind: Ref(kind, str(native)) for kind, native in ids.items()
    }  # fmt: skip


def listed(connector: Connector) -> list[Page]:
    try:
        return list(connector.changes(None, Remembered()))
    finally:
        connector.close()


def places_in(shown: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The keys of an item, and those of the objects in it that hold fields."""
    for key, value in shown.items():
        yield (key,)
        if isinstance(value, dict) and key in ("fields", "user", "milestone", "author", "assignee", "comment"):
            yield from ((key, inner) for inner in value)


def replacing(path: tuple[str, ...], junk: Any) -> Callable[[Kind, dict[str, Any]], None]:
    def spoil(_: Kind, shown: dict[str, Any]) -> None:
        *above, last = path
        for key in above:
            shown = shown.get(key) or {}
        if last not in shown:
            return
        if junk is MISSING:
            del shown[last]
        else:
            shown[last] = junk

    return spoil


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind))
def test_one_spoiled_part_hides_nothing_but_its_own_item(place: Place, kind: Kind) -> None:
    garbling, open_connector, victims = place
    whole = {item.ref for page in listed(open_connector()) for item in page.observed}
    assert set(victims.values()) < whole
    seen: dict[str, Any] = {}
    garbling.refs, garbling.spoil = {victims[kind]}, lambda _, shown: seen.update(json.loads(json.dumps(shown)))
    listed(open_connector())
    beside = whole - {victims[kind]}
    if kind is Kind.TASK:
        beside -= {victims[Kind.COMMENT]}  # nothing is known of the comments of what cannot be read
    paths = [path for path in places_in(seen) if (kind, path) != (Kind.MILESTONE, ("id",))]  # its tasks show it as well
    for path in paths:
        for junk in JUNK:
            garbling.spoil = replacing(path, junk)
            pages = listed(open_connector())
            shown = {item.ref for page in pages for item in page.observed}
            aside = [one for page in pages for one in page.unreadable]
            assert beside <= shown, (path, junk, aside)
            told = {one.ref for one in aside} | ({victims[kind]} if any(one.ref is None for one in aside) else set())
            assert victims[kind] in shown | told or path == ("id",) or "pull_request" in path, (path, junk)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_day_at_the_end_of_the_calendar_is_a_day_like_any_other(year: str) -> None:
    fields = {"duedate": f"{year}-12-31"}
    assert jira_mapping.want_date(fields, "duedate", "issue").isoformat() == f"{year}-12-31"  # type: ignore[union-attr]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00.000+0800", "9999-12-31T23:59:59.000-0800"])
def test_a_moment_that_no_clock_shows_sets_its_item_aside(place: Place, moment: str) -> None:
    garbling, open_connector, victims = place
    known = {item.ref: item for page in listed(open_connector()) for item in page.observed}
    task = known[victims[Kind.TASK]]

    def spoil(_: Kind, shown: dict[str, Any]) -> None:
        holder = shown.get("fields", shown)
        holder.update({key: moment for key in ("created", "updated", "created_at", "updated_at") if key in holder})

    garbling.refs, garbling.spoil = {task.ref}, spoil
    pages = listed(open_connector())
    (aside,) = [one for page in pages for one in page.unreadable]
    assert (aside.ref, aside.key) == (task.ref, task.key)
    assert "year" in aside.reason
    connector = open_connector()
    assert isinstance(connector.read([task])[0], Unreadable)
    connector.close()


def test_a_comment_without_its_text_is_not_an_empty_one(place: Place) -> None:
    garbling, open_connector, victims = place
    garbling.refs = {victims[Kind.COMMENT]}
    pages = listed(open_connector())
    items = {item.ref: item for page in pages for item in page.observed}
    assert victims[Kind.COMMENT] not in items
    assert isinstance(items[victims[Kind.TASK]], Observed)
    assert items[victims[Kind.TASK]].showing[Field.TITLE] == "Victim"
    assert isinstance(items[victims[Kind.TASK]].updated, datetime)
