"""Releases of GitHub and versions of Jira, over both sockets: where they do not say the same, that is listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.commands.not_held import MOST_VERSIONS, not_held
from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import pulls
from syncer.sandbox.github.model import Release
from syncer.sandbox.jira.records import Version
from tests.rig import START, Rig

HOUR = 3_600
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


@pytest.fixture(params=["cloud", "datacenter"])
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


def test_a_repository_that_publishes_no_releases_misses_none(cloud: ReleaseRig) -> None:
    cloud.version("1.2", released=True)
    cloud.hour()
    assert not cloud.listed()


def test_many_versions_without_a_release_are_counted(cloud: ReleaseRig) -> None:
    for number in range(MOST_VERSIONS + 2):
        version = cloud.version(f"app {number}", released=True)
        version.release_date = TODAY - timedelta(days=number)
    cloud.released("v1")
    cloud.hour()
    said = cloud.listed()
    assert said[0] == "version app 4 was released on 2026-11-12, and no release of that name is published"
    assert said[MOST_VERSIONS:] == ["2 earlier versions were released, and no release of that name is published"]


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
