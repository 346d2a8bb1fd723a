"""Whatever an answer leaves out, nulls or empties: nothing crashes, nothing is lost in silence, absent is not empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.contract.conformance import Remembered
from syncer.contract.connector import Connector
from syncer.contract.errors import TrackerError
from syncer.contract.model import Field, Kind, Observed, Ref
from syncer.sandbox import Sandbox
from syncer.sandbox.jira.fields import EPIC_LINK, EPIC_NAME
from syncer.sandbox.profiles import GITHUB_COM, Difference, Profile, Shown
from tests.conformance.github_world import GitHubWorld
from tests.properties import presence
from tests.unit.connectors.jira_world import Deployment, Office, office

TOLD_BY_ABSENCE = {
    ("issue", "parent_issue_url"): Field.PARENT,  # beside the summary of sub-issues, which every such server shows
    ("issue.fields", "parent"): Field.PARENT,  # of Cloud, by its specification
    ("version", "releaseDate"): Field.DUE,  # of a recorded Server, 9 of 100 versions
    ("version", "description"): Field.BODY,  # of a recorded Server, every other version
    ("user", "name"): Field.ASSIGNEES,  # of Data Center: the account is told by its key then
    ("issue", "state_reason"): Field.STATUS,  # issues that were closed before there were reasons have none
    ("issue.fields", "resolution"): Field.STATUS,  # shown as unresolved: the status itself stays
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a connector showed of a scope."""

    items: Mapping[Ref, Observed]
    aside: frozenset[Ref | None]

    def misses(self, ref: Ref, parent: Ref | None) -> bool:
        """Whether an item is neither shown nor named as unreadable, itself or with its task."""
        return ref not in self.items and not {ref, parent, None} & self.aside


@dataclass
class Place:
    """A tracker with a rich and a bare item in it, that can be told to answer otherwise."""

    box: Sandbox
    base: Profile
    open: Callable[[], Connector]
    before: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.read()
        self.asked = {(entry.verb, self._written(entry.path)) for entry in self.box.log.entries}

    def __repr__(self) -> str:
        return self.base.name

    def _written(self, path: str) -> str:
        """A path as a profile names it."""
        return path.removeprefix("/api/v3").removeprefix("/jira")

    def read(self) -> Reading:
        """Everything, by a new connector, listed and each read by itself."""
        self.box.log.reset()
        connector = self.open()
        try:
            pages = list(connector.changes(None, Remembered()))
            items = {item.ref: item for page in pages for item in page.observed}
            connector.read(list(items.values()))
            return Reading(items, frozenset(one.ref for page in pages for one in page.unreadable))
        finally:
            connector.close()

    def varied(self, difference: Difference) -> Reading | None:
        """What is read where one thing differs; None where the whole reading is refused, which is said."""
        base = self.base
        self.box.behave_like(
            Profile("varied", "varied", base.tracker, base.deployment, (*base.differences, difference))
        )
        try:
            return self.read()
        except TrackerError:
            return None
        finally:
            self.box.behave_like(base)


def judge(place: Place, difference: Difference) -> None:
    """What must hold of a reading in which one thing differs."""
    now = place.varied(difference)
    if now is None:
        return
    for ref, was in place.before.items.items():
        assert not now.misses(ref, was.parent), f"{ref} vanished"
        if ref in now.items and isinstance(difference, Shown):
            _judge_item(difference, was, now.items[ref])
        elif ref in now.items:
            assert _hides(was, now.items[ref]) == {}


def _judge_item(difference: Shown, was: Observed, item: Observed) -> None:
    """Absent is not empty; and how nothing is shown does not matter."""
    changed = _hides(was, item)
    if difference.form == "absent":
        changed.pop(TOLD_BY_ABSENCE.get((difference.kind, difference.field), Field.TITLE), None)
        assert item.audience <= was.audience
    if difference.form == "absent" or not difference.always:
        assert changed == {}


def _hides(was: Observed, now: Observed) -> dict[Field, Any]:
    """The fields that are shown and not as they were; one that is not shown any more is left alone."""
    return {name: value for name, value in now.showing.items() if was.showing.get(name) != value}


@contextmanager
def jira(deployment: Deployment) -> Iterator[Place]:
    with office(deployment) as at:
        _fill_jira(at)
        epics: dict[str, Any] = {} if at.is_cloud else {"epic_link": EPIC_LINK}
        base = Profile("base", "base", "jira", deployment)
        yield Place(at.box, base, lambda: at.open(reread_after=0, read_tries=1, **epics))
        at.box.log.reset()  # no document describes what was varied


def _fill_jira(at: Office) -> None:
    project = at.acts("mia", "GET", "/project/PAY")["id"]
    dated = {"name": "Spring", "projectId": int(project), "releaseDate": "2026-05-01", "description": "First"}
    version = at.acts("mia", "POST", "/version", dated)["id"]
    epic = at.issue("Epic", issuetype={"name": "Epic"}, **({} if at.is_cloud else {EPIC_NAME: "Epic"}))
    above = {"parent": {"id": epic}} if at.is_cloud else {EPIC_LINK: at.jira.issues[epic].key}
    rich = at.issue(
        "Rich", description=at.body("Text"), labels=["web"], fixVersions=[{"id": version}], priority={"name": "High"},
        duedate="2026-04-01", assignee={at.dialect.account_key: "mia"}, components=[{"name": "checkout"}], **above,
    )  # fmt: skip
    bare = at.issue("Bare")
    ends = {"inwardIssue": {"id": bare}, "outwardIssue": {"id": rich}}
    at.acts("mia", "POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})
    at.comment(rich, "Hello")
    at.move(bare, "Done")
    level = at.jira.add_security_level("PAY", "Inner", ["mia", "bot"])
    secret = at.jira.issues[at.issue("Secret")]
    at.jira.commit(secret, at.jira.users["mia"], {"security": level})


@contextmanager
def github() -> Iterator[Place]:
    world = GitHubWorld().start()
    try:
        world.github.behaviour.primary_limit = None
        dated = {"title": "Spring", "description": "First", "due_on": "2026-05-01T00:00:00Z"}
        milestone = world.act("POST", "/milestones", dated)["number"]
        epic, rich, bare = (
            world.act("POST", "/issues", {"title": title, **fields})
            for title, fields in (
                ("Epic", {}),
                ("Rich", {"body": "Text", "labels": ["bug"], "assignees": ["mia"], "milestone": milestone}),
                ("Bare", {}),
            )
        )
        world.act("POST", f"/issues/{epic['number']}/sub_issues", {"sub_issue_id": rich["id"]})
        world.act("POST", f"/issues/{rich['number']}/dependencies/blocked_by", {"issue_id": bare["id"]})
        world.act("POST", f"/issues/{rich['number']}/comments", {"body": "Hello"})
        world.act("PATCH", f"/issues/{bare['number']}", {"state": "closed", "state_reason": "not_planned"})
        yield Place(world.box, GITHUB_COM, lambda: world.connector(scope={"issue_types": True}, read_tries=1))
    finally:
        world.box.log.reset()  # no document describes what was varied
        world.stop()


PLACES: Mapping[str, Callable[[], AbstractContextManager[Place]]] = {
    "cloud": partial(jira, "cloud"),
    "datacenter": partial(jira, "datacenter"),
    "github": github,
}
NAMES = tuple(PLACES)


@pytest.fixture(scope="module")
def places() -> Iterator[Mapping[str, Place]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(place_of()) for name, place_of in PLACES.items()}


few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", NAMES)
@few
@given(data=st.data())
def test_a_field_may_be_absent_null_or_empty(places: Mapping[str, Place], name: str, data: st.DataObject) -> None:
    place = places[name]
    judge(place, data.draw(st.sampled_from(presence.shown(presence.FIELDS[place.base.tracker]))))


@pytest.mark.parametrize("name", NAMES)
@few
@given(data=st.data())
def test_what_recordings_leave_out_may_be_left_out(places: Mapping[str, Place], name: str, data: st.DataObject) -> None:
    if not presence.COUNTS.is_file():
        pytest.skip("the counts of recorded fields are not beside this checkout")
    place = places[name]
    judge(place, data.draw(st.sampled_from(presence.shown(presence.counted()[place.base.tracker]))))


@pytest.mark.parametrize("name", NAMES)
def test_any_operation_of_a_reading_may_be_absent(places: Mapping[str, Place], name: str) -> None:
    place = places[name]
    missing = presence.lacking(place.asked)
    assert len(missing) > 4
    for each in missing:
        judge(place, each)


FOUND: tuple[tuple[str, Difference], ...] = (
    ("cloud", Shown("user", "accountId", "absent", "varied", always=True)),
    ("cloud", Shown("issuelink", "type", "absent", "varied", always=True)),
    ("datacenter", Shown("issuelink", "inwardIssue", "absent", "varied", always=True)),
    ("datacenter", Shown("issue.fields", "labels", "null", "varied")),
    ("datacenter", Shown("issue.fields", "components", "null", "varied")),
    ("cloud", Shown("issue.fields", "fixVersions", "null", "varied")),
    ("github", Shown("issue", "pull_request", "empty", "varied")),
    ("github", Shown("issue", "milestone", "absent", "varied", always=True)),
    ("github", Shown("issue", "type", "absent", "varied", always=True)),
    ("github", Shown("milestone", "due_on", "absent", "varied", always=True)),
)


@pytest.mark.parametrize(
    ("name", "difference"), FOUND, ids=lambda each: presence.as_text(each) if not isinstance(each, str) else each
)
def test_what_was_once_read_wrongly(places: Mapping[str, Place], name: str, difference: Difference) -> None:
    judge(places[name], difference)
    now = places[name].varied(difference)
    assert now is not None
    assert {ref for ref in places[name].before.items if ref.kind is Kind.TASK} <= set(now.items)
