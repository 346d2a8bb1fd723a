"""Pull requests, reviews, releases and tags of the sandbox's GitHub."""

from __future__ import annotations

from syncer.sandbox.github import pulls
from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

PULLS = f"/repos/{PRIVATE}/pulls"


def test_pull_requests_are_listed_newest_first_and_by_change_when_asked(world: World) -> None:
    github = world.box.github
    first = github.add_pull_request(PRIVATE, "One", "tomas", branch="PAY-7-refunds")
    world.wait(60)
    github.add_pull_request(PRIVATE, "Two", "tomas")
    world.wait(60)
    github.edit_issue(PRIVATE, first.number, "tomas", body="More")
    assert [each["title"] for each in world.json("GET", PULLS)] == ["Two", "One"]
    changed = world.json("GET", f"{PULLS}?sort=updated&direction=desc&state=all&per_page=1")
    assert [(each["title"], each["head"]["ref"]) for each in changed] == [("One", "PAY-7-refunds")]
    assert world.call("GET", f"{PULLS}/99").status_code == 404


def test_a_review_is_shown_with_its_time_and_ends_the_request_for_it(world: World) -> None:
    github = world.box.github
    issue = github.add_pull_request(PRIVATE, "One", "tomas")
    pulls.ask_for_review(github, issue, github.account("mei"))
    asked = world.json("GET", f"{PULLS}/{issue.number}")
    assert [each["login"] for each in asked["requested_reviewers"]] == ["mei"]
    world.wait(3600)
    pulls.review(github, issue, github.account("mei"), "APPROVED", "Good")
    (said,) = world.json("GET", f"{PULLS}/{issue.number}/reviews")
    assert (said["state"], said["submitted_at"], said["user"]["login"]) == ("APPROVED", "2026-03-02T10:00:00Z", "mei")
    assert world.json("GET", f"{PULLS}/{issue.number}")["requested_reviewers"] == []


def test_a_merge_closes_the_issues_that_the_body_names_with_a_keyword(world: World) -> None:
    github = world.box.github
    for number in (1, 2, 3):
        github.add_issue(PRIVATE, f"Issue {number}", "mei")
    issue = github.add_pull_request(PRIVATE, "One", "tomas", "Fixes #1, see #2. Resolves: #3")
    pulls.merge(github, issue, github.account("mei"))
    states = [github.repository(PRIVATE).issues[number].state for number in (1, 2, 3)]
    assert states == ["closed", "open", "closed"]
    shown = world.json("GET", f"{PULLS}/{issue.number}")
    assert (shown["merged"], shown["merged_at"], shown["state"]) == (True, "2026-03-02T09:00:00Z", "closed")
    assert world.json("GET", PULLS) == []


def test_releases_come_newest_first_and_drafts_to_those_who_may_push(world: World) -> None:
    github, repository = world.box.github, world.box.github.repository(PUBLIC)
    mei = github.account("mei")
    pulls.release(github, repository, mei, "v1.0", name="One")
    pulls.release(github, repository, mei, "v1.1-rc", prerelease=True)
    pulls.release(github, repository, mei, "", draft=True)
    path = f"/repos/{PUBLIC}/releases"
    assert [each["tag_name"] for each in world.json("GET", path)] == ["", "v1.1-rc", "v1.0"]
    assert [each["tag_name"] for each in world.json("GET", path, user="lin")] == ["v1.1-rc", "v1.0"]
    assert world.json("GET", f"{path}/latest")["name"] == "One"
    assert [each["name"] for each in world.json("GET", f"/repos/{PUBLIC}/tags")] == ["v1.1-rc", "v1.0"]
    assert world.json("GET", f"{path}/{repository.releases[2].id}")["tag_name"] == "v1.0"


def test_a_token_needs_permissions_for_pull_requests_and_for_contents(world: World) -> None:
    narrow = world.box.github.add_fine_grained_token("mei", permissions={"issues": "read", "pull_requests": "read"})
    headers = {"Authorization": f"Bearer {narrow.value}"}
    assert world.call("GET", PULLS, user=None, headers=headers).status_code == 200
    assert world.call("GET", f"/repos/{PRIVATE}/releases", user=None, headers=headers).status_code == 403
    assert world.call("GET", PULLS, user="lin").status_code == 404
