"""Issues of a Data Center do not show that they have no security level: it is asked, of what would be carried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.jira import levels
from syncer.commands.findings import findings_of
from syncer.contract.checking import Severity
from syncer.contract.errors import Retryable
from syncer.contract.model import Kind, Ref, Side
from syncer.core.notification import Listener
from syncer.core.waiting import Why
from syncer.sync.known import StoreKnown
from syncer.sync.ledger import waiting
from syncer.sync.notify import tell
from syncer.sync.preview import preview_pair
from tests.rig import Rig


def server(directory: Path, **settings: Any) -> Rig:
    return Rig(directory, deployment="datacenter", **settings)


def issue(rig: Rig, title: str, **fields: Any) -> str:
    basic = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": title}
    return str(rig.jira("POST", "/issue", {"fields": {**basic, **fields}})["key"])


def titles(rig: Rig) -> list[str]:
    """Of the issues on GitHub, sorted."""
    return sorted(one["title"] for one in rig.github("GET", "/issues?state=all&per_page=100"))


def questions(rig: Rig) -> int:
    """How often it was asked since the last time which issues have a level."""
    asked = sum(b"level is not EMPTY" in (entry.request_body or b"") for entry in rig.box.log.entries)
    rig.box.log.reset()
    return asked


def waits(rig: Rig) -> list[tuple[str, Why, str]]:
    with rig.context() as context:
        return [(one.item, one.why, one.reason) for one in waiting(context.store, context.name)]


def test_issues_of_a_data_center_are_carried_with_one_question_and_then_none(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        for number in range(3):
            key = issue(rig, f"Issue {number}")
            rig.jira("POST", f"/issue/{key}/comment", {"body": f"Comment {number}"})
        first = rig.sync()
        assert (first.outcome, questions(rig)) == ("clean", 1)
        assert titles(rig) == ["Issue 0", "Issue 1", "Issue 2"]
        assert sum(one["comments"] for one in rig.github("GET", "/issues")) == 3
        rig.tick(3600)
        rig.sync()
        quiet = rig.sync()
        assert (quiet.writes, sum(quiet.requests.values())) == (0, 2)
        assert rig.sync(sweep=True).writes == 0
        assert questions(rig) == 0


def test_an_edit_and_a_late_comment_are_carried(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        key = issue(rig, "Old")
        rig.sync()
        rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": "New"}})
        rig.sync()
        assert titles(rig) == ["New"]
        rig.jira("POST", f"/issue/{key}/comment", {"body": "Late"})
        rig.sync()
        assert ["Late" in one["body"] for one in rig.github("GET", "/issues/1/comments")] == [True]
        assert waits(rig) == []


def test_an_edit_of_a_mirror_is_carried_back(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        rig.github("POST", "/issues", {"title": "Old"})
        rig.sync()
        rig.sync()
        assert questions(rig) == 0
        rig.jira("PUT", "/issue/PAY-1", {"fields": {"summary": "New"}})
        rig.sync()
        assert (titles(rig), questions(rig)) == (["New"], 1)


def test_an_issue_with_a_level_stays_where_it_is(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        level = rig.box.jira.add_security_level("PAY", "Team", ["mia", "sync-bot"])
        issue(rig, "Plain")
        later = issue(rig, "Limited later")
        rig.sync()
        rig.jira("PUT", f"/issue/{later}", {"fields": {"security": {"id": level.id}, "summary": "Not for all"}})
        issue(rig, "Secret", security={"id": level.id})
        rig.sync()
        assert titles(rig) == ["Limited later", "Plain"]


def test_a_scope_of_which_nobody_knows_the_readers_is_never_clean(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        issue(rig, "Plain")
        del rig.box.jira.fields["security"]
        rig.box.jira.revoke("sync-bot", "ADMINISTER_PROJECTS", "PAY")
        tally = rig.sync()
        assert (tally.outcome, titles(rig)) == ("held", [])
        ((item, why, reason),) = waits(rig)
        assert item.endswith("PAY")
        assert why is Why.HELD
        assert "which issues of PAY have a security level cannot be told" in reason
        with rig.context() as context:
            said = []
            for _ in range(2):
                tell(context.store, tally, rig.clock.now, reader=Listener.LATER, say=said.append)
            assert [bool(each.lines) for each in said] == [True, False]
            errors = [one.about for one in findings_of(context)[0] if one.severity is Severity.ERROR]
            assert "security level" in errors
        rig.box.jira.grant("sync-bot", "ADMINISTER_PROJECTS", "PAY")
        assert (rig.sync().outcome, titles(rig), waits(rig)) == ("clean", ["Plain"], [])


def test_an_edit_waits_until_its_readers_are_told(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        key = issue(rig, "Old")
        rig.sync()
        field = rig.box.jira.fields.pop("security")
        rig.box.jira.revoke("sync-bot", "ADMINISTER_PROJECTS", "PAY")
        rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": "New"}})
        rig.sync()
        assert rig.sync().outcome == "held"
        rig.box.jira.fields["security"] = field
        assert rig.sync().outcome == "clean"
        assert titles(rig) == ["New"]


def test_an_issue_that_could_not_be_told_waits_for_the_next_run_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = levels.audiences

    def all_but_the_second(project: Any, tasks: Any) -> list[Any]:
        told = ask(project, tasks)
        return [Retryable("not now") if task.key == "PAY-2" else one for task, one in zip(tasks, told, strict=True)]

    with server(tmp_path) as rig:
        for title in ("One", "Two"):
            issue(rig, title)
        with monkeypatch.context() as patched:
            patched.setattr(levels, "audiences", all_but_the_second)
            rig.sync()
        assert titles(rig) == ["One"]
        assert waits(rig) == [("PAY-2", Why.RETRY, "not now")]
        rig.sync()
        assert (titles(rig), waits(rig)) == (["One", "Two"], [])


def test_what_a_former_version_took_for_restricted_is_asked_with_the_next_complete_reading(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        issue(rig, "Plain")
        ref = Ref(Kind.TASK, next(iter(rig.box.jira.issues)))
        with rig.context() as context, context.store.lease("pay", "former") as lease:
            page = next(iter(context.connectors[Side.LEFT].changes(None, StoreKnown(context.store, "pay", Side.LEFT))))
            taken = [replace(item, audience_untold=False) for item in page.observed if item.ref == ref]
            context.store.observed.save_page(
                lease, Side.LEFT, replace(page, observed=tuple(taken)), seen_at=rig.clock.now()
            )
        rig.sync(sweep=True)
        assert titles(rig) == ["Plain"]


def test_a_preview_shows_what_a_run_would_carry(tmp_path: Path) -> None:
    with server(tmp_path) as rig:
        issue(rig, "Plain")
        with rig.context() as context:
            assert preview_pair(context).tasks_to_create() == {"left": 0, "right": 1}
