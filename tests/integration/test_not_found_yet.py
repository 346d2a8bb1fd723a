"""A tracker that does not find yet what it just created is asked again within the run: nothing waits for a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from syncer.contract.errors import TrackerError
from syncer.contract.model import Observed, Side
from syncer.core.change import Tally
from syncer.sandbox.faults import Fault
from syncer.sync.ledger import waiting
from syncer.sync.run import run_pair
from tests.rig import Rig


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, "cloud" if request.param == "cloud" else "datacenter") as made:
        made.sync()
        made.tick(600)
        yield made


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path) as made:
        made.sync()
        made.tick(600)
        yield made


def closed_in_jira(rig: Rig) -> str:
    """The key of a new closed issue with a comment."""
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "Refund fails"}
    key = str(rig.jira("POST", "/issue", {"fields": fields})["key"])
    ways = rig.jira("GET", f"/issue/{key}/transitions")["transitions"]
    done = next(way["id"] for way in ways if way["to"]["name"] == "Done")
    rig.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": done}})
    rig.jira("POST", f"/issue/{key}/comment", {"body": rig.text("Paid back")})
    return key


def closed_on_github(rig: Rig) -> int:
    """The number of a new closed issue with a comment."""
    number = int(rig.github("POST", "/issues", {"title": "Refund fails"})["number"])
    rig.github("PATCH", f"/issues/{number}", {"state": "closed"})
    rig.github("POST", f"/issues/{number}/comments", {"body": "Paid back"})
    return number


def listed(rig: Rig) -> list[str]:
    with rig.context() as context:
        return [one.reason for one in waiting(context.store, context.name)]


def on_github(rig: Rig) -> tuple[str, list[str]]:
    """The state and the comments of the only issue of the repository."""
    (issue,) = rig.github("GET", "/issues?state=all")
    comments = rig.github("GET", f"/issues/{issue['number']}/comments")
    return issue["state"], [comment["body"].splitlines()[0] for comment in comments]


def in_jira(rig: Rig) -> tuple[str, int]:
    """The status of the only issue of the project and how many comments it has."""
    fields = rig.jira("GET", "/issue/PAY-1?fields=status,comment")["fields"]
    return fields["status"]["name"], fields["comment"]["total"]


def clean(rig: Rig, tally: Tally) -> None:
    assert (tally.outcome, tally.retry, listed(rig)) == ("clean", 0, [])
    assert rig.sync().writes == 0


@pytest.mark.parametrize(
    ("verb", "path"), [("PATCH", r"/issues/1$"), ("POST", r"/issues/1/comments$")], ids=["closed", "commented"]
)
def test_a_new_issue_of_github_that_is_not_found_once_is_closed_and_commented_in_the_same_run(
    github: Rig, verb: str, path: str
) -> None:
    closed_in_jira(github)
    github.box.faults.add(Fault("404", verb=verb, path=path))
    tally = github.sync()
    assert on_github(github)[0] == "closed"
    assert len(on_github(github)[1]) == 1
    clean(github, tally)


@pytest.mark.parametrize(
    ("verb", "path"),
    [("POST", r"/transitions$"), ("POST", r"/issue/\d+/comment$"), ("(GET|POST)", r"/issue/(bulkfetch|10000)$")],
    ids=["closed", "commented", "read back"],
)
def test_a_new_issue_of_jira_that_is_not_found_once_is_closed_and_commented_in_the_same_run(
    rig: Rig, verb: str, path: str
) -> None:
    closed_on_github(rig)
    for each in ("GET", "POST") if "|" in verb else (verb,):
        if each == "POST" and "bulkfetch" in path:
            continue  # it answers with 200 and leaves out what it does not find
        rig.box.faults.add(Fault("404", verb=each, path=path))
    tally = rig.sync()
    assert in_jira(rig) == ("Done", 1)
    clean(rig, tally)


def test_a_new_issue_that_stays_unseen_for_a_run_waits_for_minutes_and_not_for_a_day(github: Rig) -> None:
    closed_in_jira(github)
    for verb, path in (("PATCH", r"/issues/1$"), ("GET", r"/issues/1$"), ("POST", r"/issues/1/comments$")):
        github.box.faults.add(Fault("404", verb=verb, path=path, times=20))
    tally = github.sync()
    assert tally.outcome == "partial"
    assert any("acme/pay#1" in reason or "not found" in reason.lower() for reason in listed(github))
    github.box.faults.clear()
    github.tick(300)
    tally = github.sync()
    assert on_github(github)[0] == "closed"
    assert len(on_github(github)[1]) == 1
    clean(github, tally)


@pytest.mark.parametrize("field", ["title", "comment"])
def test_an_edit_that_meets_a_single_404_is_carried_in_the_same_run(github: Rig, field: str) -> None:
    key = closed_in_jira(github)
    github.sync()
    github.tick(3600)
    if field == "title":
        github.jira("PUT", f"/issue/{key}", {"fields": {"summary": "Refund fails twice"}})
        github.box.faults.add(Fault("404", verb="PATCH", path=r"/issues/1$"))
    else:
        (comment,) = github.jira("GET", f"/issue/{key}/comment")["comments"]
        github.jira("PUT", f"/issue/{key}/comment/{comment['id']}", {"body": github.text("Paid back today")})
        github.box.faults.add(Fault("404", verb="PATCH", path=r"/comments/\d+$"))
    tally = github.sync()
    assert tally.writes == 1
    title, body = github.github("GET", "/issues/1")["title"], on_github(github)[1][0]
    assert (title, body) != ("Refund fails", "Paid back")
    clean(github, tally)


def test_an_edit_in_jira_that_meets_a_single_404_is_carried_in_the_same_run(rig: Rig) -> None:
    number = closed_on_github(rig)
    rig.sync()
    rig.tick(3600)
    rig.github("PATCH", f"/issues/{number}", {"title": "Refund fails twice"})
    rig.box.faults.add(Fault("404", verb="PUT", path=r"/issue/\d+$"))
    tally = rig.sync()
    assert rig.jira("GET", "/issue/PAY-1?fields=summary")["fields"]["summary"] == "Refund fails twice"
    clean(rig, tally)


def test_an_edit_that_somebody_made_meanwhile_is_not_overwritten_after_a_404(
    github: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = closed_in_jira(github)
    github.sync()
    github.tick(3600)
    github.jira("PUT", f"/issue/{key}", {"fields": {"summary": "What Mia wrote"}})
    github.box.faults.add(Fault("404", verb="PATCH", path=r"/issues/1$"))
    github.tick()
    with github.context() as context:
        connector = context.connectors[Side.RIGHT]
        read = connector.read

        def meanwhile(items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
            github.box.github.edit_issue("acme/pay", 1, "liwei", title="What Li Wei wrote")
            return read(items)

        monkeypatch.setattr(connector, "read", meanwhile)
        tally = run_pair(context)
    assert github.github("GET", "/issues/1")["title"] == "What Li Wei wrote"
    assert tally.conflicts == 1


def test_what_a_listing_shows_again_is_kept_in_step_at_once(github: Rig) -> None:
    key = closed_in_jira(github)
    github.sync()
    github.tick(3600)
    github.jira("PUT", f"/issue/{key}", {"fields": {"summary": "Refund fails twice"}})
    for verb in ("GET", "PATCH"):
        github.box.faults.add(Fault("404", verb=verb, path=r"/issues/1$", times=20))
    assert github.sync().outcome == "held"
    assert any("cannot be seen" in reason for reason in listed(github))
    github.box.faults.clear()
    github.github("POST", "/issues/1/comments", {"body": "I see it"})
    tally = github.sync()
    assert github.github("GET", "/issues/1")["title"] == "Refund fails twice"
    clean(github, tally)
