"""Filters of both trackers: what a run creates satisfies them, what leaves is followed or held at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from syncer.core.waiting import Why
from syncer.sync.ledger import waiting
from tests.rig import Rig

ROOT = Path(__file__).resolve().parents[2]


def held(rig: Rig) -> list[str]:
    with rig.context() as context:
        return [one.reason for one in waiting(context.store, context.name) if one.why is Why.HELD]


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_finished_issues_are_followed_where_the_filter_names_their_status(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment, left_extra='left.filter = "statusCategory != Done"', overlap=60) as rig:
        for number in (1, 2):
            rig.github("POST", "/issues", {"title": f"Task {number}"})
        rig.sync()
        rig.github("PATCH", "/issues/1", {"state": "closed", "state_reason": "completed"})
        rig.sync()
        assert rig.jira("GET", "/issue/PAY-1")["fields"]["status"]["name"] == "Done"
        for sweep in (False, True, False):
            rig.sync(sweep=sweep)
        rig.jira("PUT", "/issue/PAY-1", {"fields": {"summary": "Renamed in Jira"}})
        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("One more thing.")})
        rig.sync()
        rig.sync()
        assert rig.github("GET", "/issues/1")["title"] == "Renamed in Jira"
        assert len(rig.github("GET", "/issues/1/comments")) == 1
        assert held(rig) == []
        assert [rig.sync(sweep=number == 2).writes for number in range(5)] == [0] * 5


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_an_issue_that_loses_the_label_of_a_filter_is_held_by_the_next_run(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment, left_extra='left.filter = "labels = shared"', overlap=60) as rig:
        for number in (1, 2):
            rig.github("POST", "/issues", {"title": f"Task {number}"})
        rig.sync()
        assert rig.jira("GET", "/issue/PAY-1")["fields"]["labels"] == ["shared"]
        assert [rig.sync(sweep=number == 2).writes for number in range(4)] == [0] * 4
        assert held(rig) == []
        rig.jira("PUT", "/issue/PAY-1", {"fields": {"labels": [], "summary": "For ourselves"}})
        assert rig.sync().outcome == "held"
        assert held(rig) == ["PAY-1 left the filter on the left side"]
        assert rig.github("GET", "/issues/1")["title"] == "Task 1"


class LabelledRepository(Rig):
    """A pair that has the labelled issues of its repository."""

    def configuration(self) -> str:
        return super().configuration().replace('"acme/pay" }', '"acme/pay", filter = "label:Shared" }')


def test_an_issue_of_github_gets_the_label_of_its_filter_and_is_held_without_it(tmp_path: Path) -> None:
    with LabelledRepository(tmp_path) as rig:
        for title in ("A", "B"):
            fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": title}
            rig.jira("POST", "/issue", {"fields": fields})
        rig.sync()
        assert [label["name"].casefold() for label in rig.github("GET", "/issues/1")["labels"]] == ["shared"]
        assert [rig.sync(sweep=number == 2).writes for number in range(4)] == [0] * 4
        rig.github("PATCH", "/issues/1", {"labels": [], "title": "Ours"})
        assert rig.sync().outcome == "held"
        assert held(rig) == ["acme/pay#1 left the filter on the right side"]
        assert rig.jira("GET", "/issue/PAY-1")["fields"]["summary"] == "A"


@pytest.mark.slow
def test_the_sample_for_the_public_keeps_the_issues_of_a_community_in_step_for_thirty_days(tmp_path: Path) -> None:
    sample = (ROOT / "config" / "public.toml").read_text("utf-8")
    keys = ("left.filter", "left.create-fields", "create", "publish")
    lines = [line for line in sample.splitlines() if line.startswith(keys)]
    assert [line.split()[0] for line in lines] == list(keys)
    extra = "\n".join(lines[2:]) + '\n[pairs.labels]\nexcept = ["public"]\n'
    with Rig(tmp_path, left_extra="\n".join(lines[:2]), extra=extra) as rig:
        for day in range(1, 31):
            number = rig.github("POST", "/issues", {"title": f"Asked on day {day}"})["number"]
            assert rig.sync().outcome in {"clean", "held"}
            rig.github("PATCH", f"/issues/{number}", {"title": f"Asked again on day {day}"})
            rig.jira("PUT", f"/issue/PAY-{max(1, number - 1)}", {"update": {"labels": [{"add": f"day-{day}"}]}})
            if day > 5:
                rig.github("PATCH", f"/issues/{number - 5}", {"state": "closed"})
            rig.sync()
            rig.tick(timedelta(hours=23).total_seconds())
        rig.sync(sweep=True)
        assert held(rig) == []
        for number in range(1, 31):
            there, here = rig.github("GET", f"/issues/{number}"), rig.jira("GET", f"/issue/PAY-{number}")["fields"]
            assert here["summary"] == there["title"] == f"Asked again on day {number}"
            assert (here["status"]["name"] == "Done") == (there["state"] == "closed") == (number <= 25)
        assert [rig.sync(sweep=turn == 1).writes for turn in range(3)] == [0] * 3
