"""Pull requests and releases, read for the evaluation: when they were opened, reviewed, merged, published, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.github.pulls import MOST_REVIEWS, named
from syncer.contract.code import CodeReading, CodeTeller, LooseRelease, PullRequest, Release
from syncer.contract.model import Cursor
from syncer.contract.roster import Unread
from syncer.sandbox.github import pulls
from syncer.sandbox.github.model import Issue
from tests.conformance.github_world import BOT_TOKEN, REPOSITORY, START, GitHubWorld

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    made = GitHubWorld().start()
    yield made
    made.stop()


def read(world: GitHubWorld, since: CodeReading | None = None, **settings: Any) -> tuple[CodeReading, int]:
    """What a connector tells, and by how many requests."""
    made = world.connector(code=True, **settings)
    known = {} if since is None else {pull.native: pull for pull in since.pulls}
    return made.code(None if since is None else since.cursor, known), made.requests


def opened(world: GitHubWorld, title: str = "Change", body: str = "", branch: str = "change") -> Issue:
    return world.github.add_pull_request(REPOSITORY, title, "mia", body, branch=branch)


def reviewed(world: GitHubWorld, issue: Issue, by: str = "liwei") -> datetime:
    pulls.review(world.github, issue, world.github.account(by), "COMMENTED")
    return world.clock.now()


def test_the_code_is_told_where_the_settings_want_it(world: GitHubWorld) -> None:
    assert isinstance(world.connector(), CodeTeller)
    assert not world.connector().tells_code
    assert world.connector(code=True).tells_code


def test_a_pull_request_tells_when_it_was_opened_reviewed_and_merged_and_of_which_tasks(world: GitHubWorld) -> None:
    issue = opened(world, body="Fixes #7 and closes acme/site#3, see #9", branch="feature/PAY-12-refunds")
    world.clock.advance(HOUR)
    first = reviewed(world, issue)
    world.clock.advance(HOUR)
    reviewed(world, issue)
    pulls.merge(world.github, issue, world.github.account("mia"))
    merged = world.clock.now()
    told, requests = read(world)
    assert told.pulls == (
        PullRequest(
            native=str(issue.id),
            key="acme/pay#1",
            opened=START,
            author="mia",
            reviewed=first,
            merged=merged,
            closed=merged,
            tasks=("acme/pay#7", "acme/site#3", "PAY-12"),
            title="Change",
            url=f"{world.github.base_url}/acme/pay/pull/1",
        ),
    )
    assert requests == 3  # the lists of both, and the reviews of one


def test_a_reading_goes_on_where_the_last_one_ended_and_asks_no_review_twice(world: GitHubWorld) -> None:
    one = opened(world)
    reviewed(world, one)
    world.clock.advance(HOUR)
    reviewed(world, opened(world))
    world.clock.advance(HOUR)
    first, _ = read(world)
    late = opened(world)
    later, requests = read(world, first)
    assert [pull.key for pull in later.pulls] == ["acme/pay#2", "acme/pay#3"]  # where it ended is read again
    assert requests == 2 + 1  # the first review of the one is known
    world.clock.advance(HOUR)
    when = reviewed(world, late)
    last, _ = read(world, later)
    assert [(pull.key, pull.reviewed) for pull in last.pulls] == [("acme/pay#3", when)]


def test_what_a_former_version_read_is_read_once_more_for_titles_and_pages(world: GitHubWorld) -> None:
    reviewed(world, opened(world))
    world.clock.advance(HOUR)
    reviewed(world, opened(world))
    first, _ = read(world)
    former = {key: value for key, value in json.loads(first.cursor).items() if key == "pulls"}
    again, requests = read(world, CodeReading(Cursor(json.dumps(former)), first.pulls))
    assert [pull.title for pull in again.pulls] == ["Change", "Change"]
    assert requests == 2  # reviews that are known are not asked for
    last, _ = read(world, again)
    assert [pull.key for pull in last.pulls] == ["acme/pay#2"]


def test_a_review_without_a_trace_is_found_when_the_request_is_closed(world: GitHubWorld) -> None:
    issue = opened(world)
    world.clock.advance(HOUR)
    opened(world)
    first, _ = read(world)
    moved = issue.updated_at
    world.clock.advance(HOUR)
    when = reviewed(world, issue)
    issue.repository.touch(issue, moved)
    second, _ = read(world, first)
    assert [pull.key for pull in second.pulls] == ["acme/pay#2"]
    world.clock.advance(HOUR)
    pulls.merge(world.github, issue, world.github.account("mia"))
    third, _ = read(world, CodeReading(second.cursor, first.pulls))
    assert [pull.reviewed for pull in third.pulls if pull.key == "acme/pay#1"] == [when]


def test_ones_own_review_and_that_of_a_program_are_none(world: GitHubWorld) -> None:
    issue = opened(world)
    app = world.github.add_app("lint", "acme")
    reviewed(world, issue, "mia")
    reviewed(world, issue, app.bot.login)
    (pull,) = read(world)[0].pulls
    assert pull.reviewed is None


def test_what_a_program_proposes_is_not_told(world: GitHubWorld) -> None:
    app = world.github.add_app("renew", "acme")
    world.github.add_pull_request(REPOSITORY, "Renew", app.bot.login)
    assert read(world)[0].pulls == ()


def test_very_many_reviews_are_read_in_several_readings(world: GitHubWorld) -> None:
    for _ in range(MOST_REVIEWS + 20):
        opened(world)
        world.clock.advance(timedelta(minutes=1))
    first, requests = read(world)
    assert (len(first.pulls), requests) == (MOST_REVIEWS, 2 + MOST_REVIEWS + 1)
    second, _ = read(world, first)
    found = {pull.key for pull in (*first.pulls, *second.pulls)}
    assert len(found) == MOST_REVIEWS + 20


def test_a_pull_request_that_closes_forty_issues_is_named_and_is_the_work_on_none(world: GitHubWorld) -> None:
    opened(world, body=" ".join(f"fixes #{number}" for number in range(100, 140)))
    opened(world, body="fixes #100")
    told, _ = read(world)
    assert [pull.tasks for pull in told.pulls] == [(), ("acme/pay#100",)]
    assert told.unread == (Unread("acme/pay#1", "it names 40 tasks, and is counted as the work on none of them"),)


def test_releases_are_told_with_tag_and_time_and_one_without_a_tag_is_named(world: GitHubWorld) -> None:
    github, repository = world.github, world.github.repository(REPOSITORY)
    mia = github.account("mia")
    old = pulls.release(github, repository, mia, "v0")
    old.published_at = START - timedelta(days=200)
    one = pulls.release(github, repository, mia, "v1")
    pulls.release(github, repository, mia, "", name="Spring")
    trial = pulls.release(github, repository, mia, "v2-rc", prerelease=True)
    pulls.release(github, repository, mia, "", draft=True)
    told, _ = read(world)
    assert told.releases == (
        Release(str(trial.id), "v2-rc", START, preliminary=True),
        Release(str(one.id), "v1", START),
    )
    assert told.unread == (Unread("release Spring", "it has no tag, and is not counted"),)


def test_drafts_and_what_has_no_tag_are_told_apart_from_releases(world: GitHubWorld) -> None:
    github, repository = world.github, world.github.repository(REPOSITORY)
    mia, first = github.account("mia"), read(world)[0]
    assert (first.releases, first.loose) == ((), ())
    spring = pulls.release(github, repository, mia, "", name="Spring")
    draft = pulls.release(github, repository, mia, "v2", name="Two", draft=True)
    told, requests = read(world)
    assert told.releases == ()
    assert told.loose == (
        LooseRelease(str(draft.id), "v2", "Two", draft=True),
        LooseRelease(str(spring.id), "", "Spring", draft=False),
    )
    assert requests == 2  # no other one than before


def test_a_draft_on_the_first_page_does_not_have_old_pages_asked_for(world: GitHubWorld) -> None:
    github, repository = world.github, world.github.repository(REPOSITORY)
    mia = github.account("mia")
    for number in range(150):
        old = pulls.release(github, repository, mia, f"v0.{number}")
        old.published_at = START - timedelta(days=200)
    pulls.release(github, repository, mia, "v1", draft=True)
    assert read(world)[1] == 2


def test_a_part_that_the_token_may_not_read_is_named_and_the_other_is_told(world: GitHubWorld) -> None:
    github = world.github
    opened(world)
    token = github.add_fine_grained_token(
        "sync-bot", permissions={"issues": "write", "metadata": "read", "pull_requests": "read"}
    )
    told, _ = read(world, token=_secret(token.value))
    assert [pull.key for pull in told.pulls] == ["acme/pay#1"]
    (missing,) = told.unread
    assert missing.part == "releases"
    assert "contents=read" in missing.reason
    assert told.releases is None  # not that there are none


def _secret(text: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(text)


def test_an_entry_that_makes_no_sense_keeps_no_other_from_being_told(world: GitHubWorld) -> None:
    opened(world)
    opened(world)

    def spoil(path: str, body: bytes) -> bytes:
        if not path.endswith("/pulls"):
            return body
        answer = json.loads(body)
        answer[-1]["created_at"] = "soon"
        return json.dumps(answer).encode()

    world.faults.rewriting = spoil
    told, _ = read(world)
    assert [pull.key for pull in told.pulls] == ["acme/pay#2"]
    assert told.unread == (Unread("pull request 1", "created_at is not a time"),)


@pytest.mark.parametrize("cursor", ["", "7", "{}", '{"pulls": "soon"}'])
def test_a_cursor_of_another_version_is_no_cursor(world: GitHubWorld, cursor: str) -> None:
    opened(world)
    made = world.connector(code=True)
    assert [pull.key for pull in made.code(Cursor(cursor), {}).pulls] == ["acme/pay#1"]


@pytest.mark.parametrize(
    ("body", "branch", "tasks"),
    [
        ("Closes #1", "main", ("acme/pay#1",)),
        ("closed: #1, FIXES #2. Resolved acme/site#3", "x", ("acme/pay#1", "acme/pay#2", "acme/site#3")),
        ("fix https://github.com/acme/pay/issues/4", "x", ("acme/pay#4",)),
        ("prefixes #1, see #2, closes 3", "x", ()),
        ("", "12-refund-twice", ("acme/pay#12",)),
        ("", "mia/PAY-7_and_OPS-8", ("PAY-7", "OPS-8")),
        ("Fixes #12", "12-refund-twice", ("acme/pay#12",)),
        (None, None, ()),
    ],
)
def test_tasks_are_named_by_keywords_and_by_branches(body: object, branch: object, tasks: tuple[str, ...]) -> None:
    assert named({"body": body, "head": {"ref": branch}}, "acme/pay") == tasks


def test_the_token_is_refused_as_for_anything_else(world: GitHubWorld) -> None:
    world.github.revoke_token(BOT_TOKEN)
    with pytest.raises(Exception, match="token refused"):
        read(world)
