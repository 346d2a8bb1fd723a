"""Releases of GitHub and versions of Jira, over both sockets: where they do not say the same, that is listed, and a
version is marked as released once where the pair wants that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.commands.not_held import MOST_VERSIONS, not_held
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import pulls
from syncer.sandbox.github.model import Release
from syncer.sandbox.jira import permissions as jira_permissions
from syncer.sandbox.jira.records import Version
from syncer.sync.run import run_pair
from tests.rig import START, Rig

HOUR = 3_600
MARK = 'releases = "mark"\n'
TODAY = START.date()


class ReleaseRig(Rig):
    """A pair of which the releases are read."""

    token = ""
    """Of GitHub, where it is another one than usual."""

    @property
    def environment(self) -> dict[str, str]:
        other = {"SYNCER_TRACKERS__GITHUB__TOKEN": self.token} if self.token else {}
        return {**super().environment, **other, "SYNCER_TRACKERS__GITHUB__CODE": "true"}

    def hour(self) -> Tally:
        """A run that reads everything, an hour after the last one."""
        self.tick(HOUR)
        return self.sync(sweep=True)

    def released(self, tag: str, name: str | None = None, *, draft: bool = False, trial: bool = False) -> Release:
        """A release in the repository."""
        github = self.box.github
        account = github.account("liwei")
        return pulls.release(
            github, github.repository(self.repository), account, tag, name=name, draft=draft, prerelease=trial
        )

    def version(self, name: str, *, released: bool = False) -> Version:
        """A version of the project; one that is released is so since today."""
        made = self.box.jira.add_version(self.project, name)
        if released:
            made.released, made.release_date = True, TODAY
        return made

    def listed(self) -> list[str]:
        """What `syncer status` lists."""
        with self.context() as context:
            return list(not_held(context.store, "pay", {}))


@pytest.fixture(params=["cloud", pytest.param("datacenter", marks=pytest.mark.slow)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReleaseRig]:
    with ReleaseRig(tmp_path, deployment=request.param) as made:
        yield made


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[ReleaseRig]:
    with ReleaseRig(tmp_path) as made:
        yield made


def test_a_published_release_whose_version_is_open_still_is_listed_until_that_is_released(rig: ReleaseRig) -> None:
    version = rig.version("1.2")
    rig.version("1.3")
    rig.released("v1.2")
    rig.released("v1.3", trial=True)
    rig.hour()
    assert rig.listed() == ["release v1.2 was published on 2026-11-16, and version 1.2 is open still"]
    version.released = True
    rig.hour()
    assert not rig.listed()


def test_a_released_version_is_listed_until_its_release_is_published(rig: ReleaseRig) -> None:
    rig.version("1.1", released=True)
    rig.version("1.2", released=True)
    rig.version("Spring", released=True)
    rig.version("1.3")
    rig.released("v1.1")
    rig.released("", "Spring")
    draft = rig.released("v1.2", draft=True)
    rig.hour()
    assert [said for said in rig.listed() if said.startswith("version")] == [
        "version 1.2 was released on 2026-11-16, and release v1.2 is a draft",
        "version Spring was released on 2026-11-16, and release Spring has no tag",
    ]
    rig.box.github.repository(rig.repository).releases.remove(draft)
    rig.hour()
    assert "version 1.2 was released on 2026-11-16, and no release of that name is published" in rig.listed()
    rig.released("1.2")
    rig.hour()
    assert not any("1.2" in said for said in rig.listed())


@pytest.mark.slow
def test_a_repository_that_publishes_no_releases_misses_none(cloud: ReleaseRig) -> None:
    cloud.version("1.2", released=True)
    cloud.hour()
    assert not cloud.listed()


@pytest.mark.slow
def test_many_versions_without_a_release_are_counted(cloud: ReleaseRig) -> None:
    for number in range(MOST_VERSIONS + 2):
        version = cloud.version(f"app {number}", released=True)
        version.release_date = TODAY - timedelta(days=number)
    cloud.released("v1")
    cloud.hour()
    said = cloud.listed()
    assert said[0] == "version app 4 was released on 2026-11-12, and no release of that name is published"
    assert said[MOST_VERSIONS:] == ["2 earlier versions were released, and no release of that name is published"]


@pytest.mark.slow
def test_releases_that_cannot_be_read_are_not_taken_for_missing(cloud: ReleaseRig) -> None:
    cloud.version("1.2", released=True)
    cloud.released("v1.2")
    cloud.hour()
    cloud.version("1.3", released=True)
    permissions = {"issues": "write", "metadata": "read", "pull_requests": "read"}  # and no `contents`
    cloud.token = cloud.box.github.add_fine_grained_token(BOT, permissions=permissions).value
    cloud.hour()
    (said,) = cloud.listed()
    assert "releases is left out of the report" in said


# --- releases = "mark"


def test_a_published_release_marks_its_version_as_released_with_its_day(rig: ReleaseRig) -> None:
    rig.extra = MARK + rig.extra
    version, other, trial = rig.version("1.2"), rig.version("1.3"), rig.version("1.4")
    rig.released("v1.2")
    rig.released("v1.3", draft=True)
    rig.released("v1.4", trial=True)
    told = rig.hour()
    assert (version.released, version.release_date) == (True, TODAY)
    assert not other.released
    assert not trial.released
    assert told.milestones["updated"] == 1
    assert not rig.listed()


def test_a_version_that_somebody_reopens_stays_open_and_the_status_says_so(rig: ReleaseRig) -> None:
    rig.extra = MARK + rig.extra
    version = rig.version("1.2")
    rig.released("v1.2")
    rig.hour()
    version.released = False
    for _ in range(2):
        rig.hour()
    assert not version.released
    assert rig.listed() == ["release v1.2 was published on 2026-11-16, and version 1.2 was reopened"]


@pytest.mark.slow
def test_what_both_said_before_the_pair_wanted_it_counts_as_agreed(cloud: ReleaseRig) -> None:
    version = cloud.version("1.2", released=True)
    cloud.released("v1.2")
    cloud.hour()
    version.released = False
    cloud.hour()
    cloud.extra = MARK + cloud.extra
    cloud.hour()
    assert not version.released


@pytest.mark.slow
def test_the_milestone_that_is_the_version_is_closed_by_the_next_run(cloud: ReleaseRig) -> None:
    cloud.extra = MARK + cloud.extra
    milestone = cloud.github("POST", "/milestones", {"title": "1.2"})
    cloud.github("POST", "/issues", {"title": "First", "milestone": milestone["number"]})
    cloud.sync()
    cloud.released("v1.2")
    cloud.hour()
    (version,) = cloud.box.jira.project(cloud.project).versions.values()
    assert version.released
    for _ in range(2):
        cloud.sync()
    assert cloud.github("GET", f"/milestones/{milestone['number']}")["state"] == "closed"
    assert version.released
    assert sum(cloud.sync().requests.values()) == 2


@pytest.mark.slow
def test_what_somebody_released_meanwhile_keeps_the_day_it_has(cloud: ReleaseRig) -> None:
    cloud.extra = MARK + cloud.extra
    version = cloud.version("1.2")
    cloud.hour()
    cloud.released("v1.2")
    version.released, version.release_date = True, TODAY - timedelta(days=3)
    cloud.tick(HOUR)
    assert cloud.sync().milestones["updated"] == 0  # no complete reading has shown it
    assert version.release_date == TODAY - timedelta(days=3)


def test_an_account_that_may_not_administer_the_project_is_named_and_all_else_goes_on(rig: ReleaseRig) -> None:
    rig.extra = MARK + rig.extra
    version = rig.version("1.2")
    project = rig.box.jira.project(rig.project)
    project.lead = None
    rig.box.jira.revoke(BOT, "ADMINISTER_PROJECTS", rig.project)
    rig.released("v1.2")
    told = rig.hour()
    assert (told.outcome, version.released) == ("clean", False)
    assert rig.listed() == [
        "release v1.2 was published on 2026-11-16, and version 1.2 is open still: our account may not administer"
        " the project"
    ]
    rig.box.jira.grant(BOT, "ADMINISTER_PROJECTS", rig.project)
    rig.hour()
    assert version.released


@pytest.mark.slow
def test_what_jira_refuses_is_named_with_its_words(cloud: ReleaseRig) -> None:
    cloud.extra = MARK + cloud.extra
    version = cloud.version("1.2")
    version.start_date = TODAY + timedelta(days=30)
    cloud.released("v1.2")
    assert cloud.hour().outcome == "clean"
    (said,) = cloud.listed()
    assert "The start date must be before the release date" in said


@pytest.mark.slow
def test_two_versions_of_one_name_are_both_left_alone(cloud: ReleaseRig) -> None:
    cloud.extra = MARK + cloud.extra
    versions = [cloud.version("1.2"), cloud.version("v1.2")]
    cloud.released("v1.2")
    cloud.hour()
    assert not any(version.released for version in versions)
    assert all(said.endswith("is open still: another version has that name, too") for said in cloud.listed())


@pytest.mark.slow
def test_that_a_private_repository_released_reaches_a_public_project_by_publish_alone(cloud: ReleaseRig) -> None:
    cloud.box.jira.project(cloud.project).grants["BROWSE_PROJECTS"].add(jira_permissions.ANYONE)
    cloud.extra = 'publish = ["title"]\n' + MARK + cloud.extra
    version = cloud.version("1.2")
    cloud.released("v1.2")
    cloud.hour()
    assert not version.released
    (said,) = cloud.listed()
    assert said.endswith('more people can read it than the release, and `publish` does not name "releases"')
    cloud.extra = cloud.extra.replace('["title"]', '["title", "releases"]')
    cloud.hour()
    assert version.released


def test_a_run_with_nothing_to_do_asks_nothing_more_and_a_version_is_looked_at_once(cloud: ReleaseRig) -> None:
    cloud.extra = MARK + cloud.extra
    cloud.version("1.2")
    cloud.hour()
    cloud.released("v1.2")
    cloud.tick(HOUR)
    marking = sum(cloud.sync().requests.values())
    cloud.sync()  # closes the milestone
    cloud.tick(HOUR)
    hourly = sum(cloud.sync().requests.values())
    assert hourly == 4  # the two of every run, and the two of the hour
    assert marking - hourly <= 6
    assert sum(cloud.sync().requests.values()) == 2


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("reopened", [True, False])
def test_a_run_that_is_killed_around_the_request_is_followed_by_one_that_finds_out(
    cloud: ReleaseRig, before: bool, reopened: bool
) -> None:
    cloud.extra = MARK + cloud.extra
    version = cloud.version("1.2")
    cloud.hour()
    cloud.released("v1.2")
    cloud.tick(HOUR)
    with cloud.context() as context:
        connector: Any = context.connectors[Side.LEFT]
        update = connector.update

        def dying(*given: Any) -> None:
            if not before:
                update(*given)
            raise Killed

        connector.update = dying
        with pytest.raises(Killed):
            run_pair(context)
    assert version.released is not before
    cloud.sync()  # finds out what became of it
    if reopened:
        version.released = False
    cloud.hour()
    assert version.released is (before or not reopened)
