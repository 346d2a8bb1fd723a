"""Issues in Jira show the pull requests of their partners on GitHub, over both sockets: as links that follow them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncer.commands.not_held import not_held
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.core.pull_links import LONGEST_TITLE
from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import pulls
from syncer.sandbox.github.model import Issue
from syncer.sandbox.jira import permissions
from syncer.sync.run import run_pair
from syncer.sync.steering import Spot, unlink
from syncer.sync.write.enough import REFUSED_IN_A_ROW
from tests.rig import Rig

HOUR = 3_600


class PullRig(Rig):
    """A pair of which the issues in Jira show pull requests."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.extra = f"pull-requests = true\n{self.extra}"

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "SYNCER_TRACKERS__GITHUB__CODE": "true"}

    def hour(self, **overrides: Any) -> Tally:
        """A run, an hour after the last one."""
        self.tick(HOUR)
        return self.sync(**overrides)

    def opened(self, title: str, body: str, branch: str = "change") -> Issue:
        """A pull request."""
        return self.box.github.add_pull_request(self.repository, title, "miab", body, branch=branch)

    def links(self, key: str) -> list[tuple[str, str, bool]]:
        """Title, summary and whether it is resolved, of each link that an issue in Jira has."""
        shown = self.jira("GET", f"/issue/{key}/remotelink")
        return [
            (each["title"], each["summary"], each["status"]["resolved"]) for each in (one["object"] for one in shown)
        ]


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PullRig]:
    with PullRig(tmp_path, deployment=request.param) as made:
        yield made


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[PullRig]:
    with PullRig(tmp_path) as made:
        yield made


def test_an_issue_shows_the_pull_request_of_its_partner_from_the_draft_to_the_merge(rig: PullRig) -> None:
    number = rig.github("POST", "/issues", {"title": "Refunds fail"})["number"]
    rig.sync()
    pull = rig.opened("Give money back", f"Fixes #{number}")
    assert pull.pull_request is not None
    pull.pull_request.draft = True
    title = f"acme/pay#{pull.number}: Give money back"
    rig.hour()
    assert rig.links("PAY-1") == [(title, "draft", False)]
    liwei = rig.box.github.account("liwei")
    pull.pull_request.draft = False
    rig.tick()
    pulls.review(rig.box.github, pull, liwei, "COMMENTED")
    rig.hour()
    assert rig.links("PAY-1") == [(title, "in review", False)]
    pulls.merge(rig.box.github, pull, liwei)
    told = rig.hour()
    assert rig.links("PAY-1") == [(title, "merged", True)]
    assert told.pulls == 1
    assert told.writes == 2  # the merge closed the issue, which is carried as ever


def test_a_branch_that_is_named_after_the_issue_is_enough(cloud: PullRig) -> None:
    cloud.jira("POST", "/issue", {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "A"}})
    cloud.sync()
    cloud.opened("Change", "", branch="feature/PAY-1-change")
    cloud.hour()
    assert [title for title, _, _ in cloud.links("PAY-1")] == ["acme/pay#2: Change"]


@pytest.mark.slow
def test_what_a_pull_request_names_no_longer_and_what_is_unlinked_loses_its_link(cloud: PullRig) -> None:
    for title in ("First", "Second"):
        cloud.github("POST", "/issues", {"title": title})
    cloud.sync()
    pull = cloud.opened("Both", "Fixes #1, fixes #2")
    cloud.jira("POST", "/issue/PAY-1/remotelink", {"object": {"url": "https://docs.example/", "title": "Notes"},
                                                   "globalId": "notes"})  # fmt: skip
    cloud.hour()
    assert [len(cloud.jira("GET", f"/issue/{key}/remotelink")) for key in ("PAY-1", "PAY-2")] == [2, 1]
    cloud.box.github.edit_issue(cloud.repository, pull.number, "miab", body="Fixes #2")
    cloud.hour()
    (left,) = cloud.jira("GET", "/issue/PAY-1/remotelink")
    assert left["globalId"] == "notes"  # somebody else's link is not ours to touch
    with cloud.context() as context, context.store.lease("pay", "unlink") as lease:
        second = context.store.observed.by_key("pay", Side.LEFT, "PAY-2")
        assert second is not None
        unlink(Spot(context.store, "pay", Side.LEFT, second), lease, by="mia", since=cloud.clock.now(), why="")
    cloud.hour()
    assert cloud.links("PAY-2") == []


def test_one_that_names_forty_issues_is_shown_with_none_and_the_status_says_so(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("Everything", " ".join(f"fixes #{number}" for number in range(1, 41)))
    cloud.hour()
    assert cloud.links("PAY-1") == []
    with cloud.context() as context:
        assert any("names 40 tasks" in said for said in not_held(context.store, "pay", {}))


def test_a_run_with_nothing_to_do_asks_nothing_more_and_one_moved_pull_request_costs_six_requests(
    cloud: PullRig,
) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    pull = cloud.opened("Change", "Fixes #1")
    cloud.hour()
    for _ in range(2):
        cloud.sync()
    assert sum(cloud.sync().requests.values()) == 2
    pulls.review(cloud.box.github, pull, cloud.box.github.account("liwei"), "COMMENTED")
    told = cloud.hour()
    assert told.pulls == 1
    assert sum(told.requests.values()) - 2 <= 6, told.requests
    assert cloud.hour().pulls == 0


@pytest.mark.slow
def test_titles_of_a_private_repository_reach_a_public_project_by_publish_alone(cloud: PullRig) -> None:
    cloud.box.jira.project("PAY").grants["BROWSE_PROJECTS"].add(permissions.ANYONE)
    cloud.extra = f'publish = ["title"]\n{cloud.extra}'
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("Secret plan", "Fixes #1")
    assert cloud.hour().pulls == 0
    assert cloud.links("PAY-1") == []
    cloud.extra = cloud.extra.replace('["title"]', '["title", "pull-requests"]')
    assert cloud.hour().pulls == 1


def test_a_pair_that_wants_it_no_more_takes_its_links_away(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("Change", "Fixes #1")
    cloud.hour()
    assert len(cloud.links("PAY-1")) == 1
    cloud.extra = cloud.extra.replace("pull-requests = true", "")
    cloud.sync()
    assert cloud.links("PAY-1") == []


@pytest.mark.slow
def test_a_task_that_is_paused_is_left_as_it_is(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.github("PATCH", "/issues/1", {"labels": ["sync: off"]})
    cloud.opened("Change", "Fixes #1")
    assert cloud.hour().pulls == 0
    cloud.github("PATCH", "/issues/1", {"labels": []})
    assert cloud.hour().pulls == 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
def test_a_run_that_is_killed_around_the_request_is_followed_by_one_that_leaves_one_link(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("Change", "Fixes #1")
    for before in (True, False):
        cloud.tick(HOUR)
        kill_at_the_link(cloud, before=before)
    cloud.hour()
    assert cloud.links("PAY-1") == [("acme/pay#2: Change", "open", False)]
    cloud.extra = cloud.extra.replace("pull-requests = true", "")
    cloud.sync()
    assert cloud.links("PAY-1") == []


@pytest.mark.slow
def test_what_was_in_doubt_when_the_process_ended_is_taken_away_though_no_run_wants_it(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("Change", "Fixes #1")
    cloud.tick(HOUR)
    kill_at_the_link(cloud, before=False)
    assert len(cloud.links("PAY-1")) == 1
    cloud.extra = cloud.extra.replace("pull-requests = true", "")
    cloud.sync()
    assert cloud.links("PAY-1") == []


def kill_at_the_link(rig: PullRig, *, before: bool) -> None:
    """A run whose process ends just before the request that shows a pull request, or just after it."""
    with rig.context() as context:
        connector: Any = context.connectors[Side.LEFT]
        show = connector.show_pull

        def dying(*given: Any) -> None:
            if not before:
                show(*given)
            raise Killed

        connector.show_pull = dying
        with pytest.raises(Killed):
            run_pair(context)


@pytest.mark.slow
def test_a_project_where_we_may_not_link_says_so_and_everything_else_goes_on(cloud: PullRig) -> None:
    for title in ("First", "Second", "Third", "Fourth"):
        cloud.github("POST", "/issues", {"title": title})
    cloud.sync()
    cloud.opened("Change", "Fixes #1, fixes #2, fixes #3, fixes #4")
    cloud.box.jira.project("PAY").lead = None
    cloud.box.jira.revoke(BOT, "LINK_ISSUES", "PAY")
    told = cloud.hour()
    assert (told.outcome, told.pulls) == ("clean", 0)
    with cloud.context() as context:
        said = list(not_held(context.store, "pay", {}))
    assert said[0].startswith("the link from PAY-1 to acme/pay#5 is not up to date: POST /rest/api/3/issue/")
    assert len(said) == REFUSED_IN_A_ROW  # then no other one is tried
    cloud.box.jira.grant(BOT, "LINK_ISSUES", "PAY")
    assert cloud.hour().pulls == 4
    with cloud.context() as context:
        assert not list(not_held(context.store, "pay", {}))


def test_a_title_of_any_length_is_shown_within_what_jira_takes(cloud: PullRig) -> None:
    cloud.github("POST", "/issues", {"title": "First"})
    cloud.sync()
    cloud.opened("x" * 256, "Fixes #1")
    cloud.hour()
    ((title, _, _),) = cloud.links("PAY-1")
    assert len(title) == LONGEST_TITLE
