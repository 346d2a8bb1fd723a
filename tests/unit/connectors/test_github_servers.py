"""Servers of other versions: which edges they have is asked of them, and so is the version of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.github.client import VERSIONS
from connectors.github.connector import GitHubConnector
from syncer.contract.checking import Severity
from syncer.contract.conformance import Remembered
from syncer.contract.errors import Gone
from syncer.contract.model import Field, Kind, Observed
from syncer.sandbox.profiles import GITHUB_COM, NAMED, Profile, Setting, Shown
from tests.conformance.github_world import GitHubWorld

NEWER, OLDER = VERSIONS
ENDED = Profile(
    "ended", "after the end of the older version", "github", differences=(Setting("api-versions", (NEWER,), "x"),)
)
SILENT = Profile(
    "silent",
    "issues do not tell of their edges",
    "github",
    differences=(
        *GITHUB_COM.differences,
        *(
            Shown("issue", field, "absent", "x", always=True)
            for field in ("sub_issues_summary", "parent_issue_url", "issue_dependencies_summary")
        ),
    ),
)


@contextmanager
def world_of(*profiles: Profile) -> Iterator[GitHubWorld]:
    world = GitHubWorld(profiles=profiles).start()
    try:
        yield world
    finally:
        world.stop()


def listed(connector: GitHubConnector, store: Remembered) -> list[Observed]:
    return [item for page in store.follow(connector) for item in page.observed]


def edges_of(connector: GitHubConnector) -> set[Field]:
    return {Field.PARENT, Field.BLOCKED_BY} & set(connector.capabilities.fields[Kind.TASK])


def asked(world: GitHubWorld) -> list[str]:
    """The last words of the addresses that were asked."""
    return [entry.path.rpartition("/")[2] for entry in world.box.log.entries]


@pytest.mark.parametrize(
    ("profile", "held", "questions"),
    [
        ("ghes-3.17", set(), 2),
        ("ghes-3.19", {Field.BLOCKED_BY}, 1),
        ("github-2026-03-10", {Field.PARENT, Field.BLOCKED_BY}, 0),
    ],
)
def test_what_a_server_lacks_is_found_by_the_first_listing(profile: str, held: set[Field], questions: int) -> None:
    with world_of(NAMED[profile]) as world:
        world.act("POST", "/issues", {"title": "Refund"})
        world.act("POST", "/issues", {"title": "Receipt"})
        world.box.log.reset()
        with_store, connector = Remembered(), world.connector()
        listed(connector, with_store)
        assert edges_of(connector) == held
        assert connector.capabilities.lacking == {Field.PARENT, Field.BLOCKED_BY} - held
        assert sum(word in ("sub_issues", "blocked_by") for word in asked(world)) == questions


def test_what_a_server_lacks_is_remembered_between_runs() -> None:
    with world_of(NAMED["ghes-3.17"]) as world:
        world.act("POST", "/issues", {"title": "Refund"})
        store = Remembered()
        listed(world.connector(), store)
        world.act("POST", "/issues", {"title": "Receipt"})
        world.box.log.reset()
        again = world.connector()
        assert [item.key for item in listed(again, store) if item.showing[Field.TITLE] == "Receipt"]
        assert edges_of(again) == set()
        assert "sub_issues" not in asked(world)


def test_a_server_whose_issues_are_silent_is_asked_once_and_has_the_edges() -> None:
    with world_of(SILENT) as world:
        for title in ("Refund", "Receipt"):
            world.act("POST", "/issues", {"title": title})
        store, connector = Remembered(), world.connector()
        found = listed(connector, store)
        assert edges_of(connector) == {Field.PARENT, Field.BLOCKED_BY}
        assert asked(world).count("sub_issues") == 1
        assert all(Field.PARENT not in item.showing for item in found)


def test_an_empty_repository_of_a_server_tells_nothing_yet() -> None:
    with world_of(NAMED["ghes-3.17"]) as world:
        found = world.connector().check()
        (finding,) = (each for each in found if each.about == "parent and blocked-by")
        assert finding.severity is Severity.INFO
        assert "enterprise-server@3.17.0" in finding.message
    with world_of() as world:
        assert not [each for each in world.connector().check() if each.about == "parent and blocked-by"]


def test_check_learns_what_a_server_lacks_and_of_types_that_it_was_told_to_carry() -> None:
    with world_of(NAMED["ghes-3.19"]) as world:
        world.act("POST", "/issues", {"title": "Refund"})
        connector = world.connector(scope={"issue_types": True})
        found = connector.check()
        assert connector.capabilities.lacking == {Field.PARENT}
        (types,) = (each for each in found if each.about == "issue types")
        assert types.severity is Severity.WARNING
        assert "not carried" in types.message


def test_an_issue_that_does_not_show_a_type_is_not_taken_for_one_without() -> None:
    with world_of(NAMED["ghes-3.19"]) as world:
        world.act("POST", "/issues", {"title": "Refund"})
        (task,) = listed(world.connector(scope={"issue_types": True}), Remembered())
        assert Field.TYPE not in task.showing


@pytest.mark.parametrize(
    ("profile", "version", "more"),
    [(GITHUB_COM, NEWER, 0), (NAMED["github-2022-11-28"], OLDER, 1), (ENDED, NEWER, 0), (NAMED["ghes-3.19"], OLDER, 1)],
    ids=["both", "older", "newer", "server"],
)
def test_the_newest_version_that_a_server_knows_is_used(profile: Profile, version: str, more: int) -> None:
    with world_of(profile) as world:
        connector = world.connector()
        connector.audience()
        connector.audience()
        assert connector._client.version == version
        assert [entry.status for entry in world.box.log.entries] == [400] * more + [200, 200]


def test_a_server_that_ended_the_version_it_was_asked_in_is_asked_in_another() -> None:
    with world_of(ENDED) as world:
        world.act("POST", "/issues", {"title": "Refund"})
        connector = world.connector()
        connector._client.prefer(OLDER)
        assert [item.kind for item in listed(connector, Remembered())] == [Kind.TASK]
        assert 410 in [entry.status for entry in world.box.log.entries]


def test_a_version_is_remembered_between_runs() -> None:
    with world_of(NAMED["ghes-3.19"]) as world:
        store = Remembered()
        listed(world.connector(), store)
        world.box.log.reset()
        listed(world.connector(), store)
        assert 400 not in [entry.status for entry in world.box.log.entries]


def test_what_is_refused_in_every_version_is_refused_for_its_own_sake() -> None:
    with world_of() as world:
        number = world.act("POST", "/issues", {"title": "Refund"})["number"]
        (task,) = listed(world.connector(), Remembered())
        world.github.delete_issue("acme/pay", number)
        (answer,) = world.connector().read([task])
        assert isinstance(answer, Gone)
        assert answer.deleted
