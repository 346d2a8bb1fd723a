"""What people and operators do to a sync: too long, too strange, renamed, archived, revoked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rig import Rig


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with Rig(tmp_path, deployment=request.param) as made:
        yield made


def summaries(rig: Rig) -> list[str]:
    return [str(issue.content["summary"]) for issue in rig.box.jira.issues.values()]


def titles(rig: Rig) -> list[str]:
    return [issue["title"] for issue in rig.github("GET", "/issues?state=all")]


def settled(rig: Rig) -> None:
    tally = rig.sync()
    assert tally.writes == 0, tally


def test_a_title_too_long_for_jira_is_cut_and_the_cut_never_comes_back(rig: Rig) -> None:
    title = "支付 " * 85 + "x"
    issue = rig.github("POST", "/issues", {"title": title})
    rig.sync()
    (summary,) = summaries(rig)
    assert len(summary) == 255
    assert summary.endswith("…")
    settled(rig)
    key = next(iter(rig.box.jira.issues.values())).key
    rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": "Short"}})
    tally = rig.sync()
    assert rig.github("GET", f"/issues/{issue['number']}")["title"] == title
    assert tally.skips[0]["why"] == "limit"


def test_a_body_over_the_limit_is_cut_with_a_link_and_the_original_stays_whole(rig: Rig) -> None:
    body = "\n\n".join(f"Paragraph {number} of a long report." for number in range(1500))
    issue = rig.github("POST", "/issues", {"title": "Long", "body": body})
    rig.sync()
    (mirror,) = rig.box.jira.issues.values()
    text = str(mirror.content["description"])
    assert f"/issues/{issue['number']}" in text
    assert "Paragraph 3 " in text
    assert "Paragraph 1499" not in text
    settled(rig)
    assert rig.github("GET", f"/issues/{issue['number']}")["body"] == body


STRANGE = "NUL \x00, CRLF\r\nnext, 四字节 😀👩‍👩‍👧, \u200fمرحبا, zero\u200bwidth, \ufeffBOM"


def test_strange_characters_cross_and_come_to_rest(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": "奇怪 😀 \u202eabc", "body": STRANGE})
    rig.sync()
    (mirror,) = rig.box.jira.issues.values()
    assert "😀👩‍👩‍👧" in json.dumps(mirror.content["description"], ensure_ascii=False)
    assert "😀" in str(mirror.content["summary"])
    settled(rig)
    settled(rig)


def test_a_renamed_repository_is_said_and_nothing_is_written(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": "One"})
    rig.sync()
    rig.box.github.rename_repository("acme/pay", "payments")
    rig.jira("POST", "/issue", {"fields": {"project": {"key": "PAY"}, "summary": "New", "issuetype": {"name": "Task"}}})
    tally = rig.sync()
    assert tally.outcome == "denied", tally
    assert "payments" in tally.message
    assert tally.writes == 0
    rig.repository = "acme/payments"
    tally = rig.sync()
    assert (tally.outcome, tally.created["right"]) == ("clean", 1), tally
    assert sorted(titles(rig)) == ["New", "One"]


def test_an_archived_repository_is_said(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": "One"})
    rig.sync()
    rig.box.github.archive("acme/pay")
    rig.jira("POST", "/issue", {"fields": {"project": {"key": "PAY"}, "summary": "New", "issuetype": {"name": "Task"}}})
    tally = rig.sync()
    assert tally.outcome == "denied", tally
    assert "archived" in tally.message
    assert titles(rig) == ["One"]


def test_a_renamed_project_and_a_moved_issue_follow_or_are_said(rig: Rig) -> None:
    for summary in ("Stays", "Moves"):
        fields = {"project": {"key": "PAY"}, "summary": summary, "issuetype": {"name": "Task"}}
        rig.jira("POST", "/issue", {"fields": fields})
    rig.sync()
    rig.box.jira.add_project("OPS", "Operations", lead="mia")
    rig.box.jira.move_issue("PAY-2", "OPS")
    tally = rig.sync(sweep=True)
    assert (tally.held, tally.writes) == (1, 0), tally
    assert len(titles(rig)) == 2


def test_nobody_is_pinged_by_a_mirror(rig: Rig) -> None:
    rig.jira("POST", "/issue", {"fields": {
        "project": {"key": "PAY"}, "summary": "Names", "issuetype": {"name": "Task"},
        "description": rig.text("cc @miab (@liwei) fixes #1, see acme/pay#1 and @acme/team"),
    }})  # fmt: skip
    rig.sync()
    (mirror,) = rig.github("GET", "/issues?state=all")
    assert "@miab" not in mirror["body"]
    assert "@liwei" not in mirror["body"]
    assert "fixes #1" not in mirror["body"]
    settled(rig)


def test_a_state_that_was_lost_is_rebuilt_without_a_duplicate(rig: Rig, tmp_path: Path) -> None:
    issue = rig.github("POST", "/issues", {"title": "One", "body": "Text."})
    rig.github("POST", f"/issues/{issue['number']}/comments", {"body": "Said."})
    rig.jira("POST", "/issue", {"fields": {"project": {"key": "PAY"}, "summary": "Two", "issuetype": {"name": "Task"}}})
    rig.sync()
    tally = rig.sync(location=tmp_path / "fresh")
    assert (tally.adopted, tally.writes) == (3, 0), tally
    assert len(titles(rig)) == len(summaries(rig)) == 2


def test_the_state_of_other_scopes_is_not_mistaken_for_this_pair(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": "One"})
    rig.sync()
    rig.box.github.add_repository("acme/other", visibility="private")
    rig.box.github.add_collaborator("acme/other", "sync-bot", "maintain")
    rig.repository = "acme/other"
    tally = rig.sync()
    assert tally.outcome == "refused", tally
    assert tally.writes == 0


def test_a_wrong_path_in_the_address_of_a_jira_stops_the_pair_and_says_so(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        right = rig.configuration()
        rig.configuration = lambda: right.replace("/jira", "/jra")  # type: ignore[method-assign]
        tally = rig.sync()
    assert tally.outcome == "denied"
    assert "/jra is not an address of a Jira site" in tally.message
