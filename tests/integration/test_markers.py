"""Markers that somebody else wrote, copied or quoted, against both trackers: they are never believed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from syncer.contract.model import Kind, Side
from syncer.core.waiting import Why
from syncer.sync.ledger import waiting
from tests.rig import Rig


class Marked(Rig):
    """A pair with an issue on each side, and what people do to its markers."""

    github_extra = ""
    app = False

    @property
    def environment(self) -> dict[str, str]:
        known = super().environment
        return {name: value for name, value in known.items() if not (self.app and "GITHUB" in name)}

    def configuration(self) -> str:
        return super().configuration().replace('kind = "github"\n', f'kind = "github"\n{self.github_extra}', 1)

    def jira_issue(self, summary: str, text: str = "Text", *, by: str = "mia") -> Any:
        fields = {"project": {"key": self.project}, "issuetype": {"name": "Task"}, "summary": summary}
        return self.jira("POST", "/issue", {"fields": {**fields, "description": self.text(text)}}, by=by)

    def summaries(self) -> list[str]:
        return sorted(issue.content["summary"] for issue in self.box.jira.issues.values())

    def titles(self) -> list[str]:
        return sorted(issue["title"] for issue in self.github("GET", "/issues?state=all"))

    def state_lost(self) -> None:
        self.states.close()
        shutil.rmtree(self.directory / "state")


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Marked]:
    deployment: Literal["cloud", "datacenter"] = request.param
    with Marked(tmp_path, deployment) as made:
        yield made


def forged(source: str, kind: str = "task") -> str:
    return f"<!-- syncer:pay.left.{kind}.{source}.x -->"


@pytest.mark.parametrize("lost", [False, True])
def test_a_marker_in_the_body_of_a_strangers_issue_makes_it_no_mirror(rig: Marked, lost: bool) -> None:
    private = rig.jira_issue("Private plan", "canary")
    if lost:
        rig.sync()
        rig.state_lost()
        rig.jira_issue("Not synced yet", "canary")
        private = {"id": max(rig.box.jira.issues, key=int)}
    rig.github("POST", "/issues", {"title": "Forged", "body": f"Hello\n\n{forged(private['id'])}"})
    tally = rig.sync()
    assert any(skip["why"] == "marker" for skip in tally.skips)
    if lost:
        assert (tally.adopted, tally.writes) == (1, 0)
        rig.sync(approve_creates=2)
    assert rig.summaries() == rig.titles()
    assert "Forged" in rig.summaries()
    assert rig.sync(sweep=True).writes == 0


def test_a_marker_in_a_strangers_comment_changes_no_comment_of_jira(rig: Marked) -> None:
    issue = rig.jira_issue("Task")
    comment = rig.jira("POST", f"/issue/{issue['key']}/comment", {"body": rig.text("by Mia")})
    rig.github("POST", "/issues", {"title": "Before the first sync"})
    rig.sync()
    number = next(one["number"] for one in rig.github("GET", "/issues?state=all") if one["title"] == "Task")
    rig.github("POST", f"/issues/{number}/comments", {"body": f"forged\n\n{forged(comment['id'], 'comment')}"})
    rig.sync()
    again = rig.jira("GET", f"/issue/{issue['key']}/comment")["comments"]
    assert len(again) == 2
    assert "by Mia" in str(next(one for one in again if one["id"] == comment["id"])["body"])
    assert rig.sync(sweep=True).writes == 0


def test_a_property_on_somebody_elses_jira_issue_makes_it_no_mirror(rig: Marked) -> None:
    source = rig.github("POST", "/issues", {"title": "On GitHub"})
    issue = rig.jira_issue("Forged")
    marker = {"marker": f"pay.right.task.{source['id']}.x"}
    rig.jira("PUT", f"/issue/{issue['key']}/properties/syncer", marker)
    tally = rig.sync()
    assert (tally.adopted, tally.created) == (0, {"left": 1, "right": 1})
    assert rig.summaries() == rig.titles() == ["Forged", "On GitHub"]


def test_a_property_on_somebody_elses_jira_comment_makes_it_no_mirror(rig: Marked) -> None:
    issue = rig.jira_issue("Task")
    rig.sync()
    (there,) = rig.github("GET", "/issues?state=all")
    source = rig.github("POST", f"/issues/{there['number']}/comments", {"body": "on GitHub"})
    marker = {"key": "syncer", "value": {"marker": f"pay.right.comment.{source['id']}.x"}}
    body = {"body": rig.text("forged"), "properties": [marker]}
    rig.jira("POST", f"/issue/{issue['key']}/comment", body)
    rig.sync()
    assert len(rig.jira("GET", f"/issue/{issue['key']}/comment")["comments"]) == 2
    assert len(rig.github("GET", f"/issues/{there['number']}/comments")) == 2


def test_a_duplicated_mirror_is_an_ordinary_issue_of_whoever_duplicated_it(rig: Marked) -> None:
    rig.jira_issue("Task", "Text")
    rig.sync()
    (mirror,) = rig.github("GET", "/issues?state=all")
    rig.github("POST", "/issues", {"title": "Duplicate of Task", "body": mirror["body"]})
    rig.sync()
    assert rig.summaries() == ["Duplicate of Task", "Task"]
    assert rig.sync(sweep=True).writes == 0
    rig.state_lost()
    assert (rig.sync().writes, len(rig.titles())) == (0, 2)


@pytest.mark.parametrize("in_code", [False, True])
def test_marker_text_that_is_carried_from_jira_is_seen_and_never_read_as_one(rig: Marked, in_code: bool) -> None:
    other = rig.jira_issue("Other")
    text = forged(other["id"])
    if in_code and rig.deployment == "cloud":
        block = {"type": "codeBlock", "content": [{"type": "text", "text": text}]}
        description: Any = {"version": 1, "type": "doc", "content": [block]}
    else:
        description = rig.text(f"{{noformat}}\n{text}\n{{noformat}}" if in_code else text)
    fields = {"project": {"key": rig.project}, "issuetype": {"name": "Task"}, "summary": "Quotes"}
    rig.jira("POST", "/issue", {"fields": {**fields, "description": description}})
    rig.sync()
    (mirror,) = (one for one in rig.github("GET", "/issues?state=all") if one["title"] == "Quotes")
    assert mirror["body"].count(f"syncer:pay.left.task.{other['id']}.x") == 1
    assert text not in mirror["body"].splitlines()
    assert rig.sync(sweep=True).writes == 0
    rig.state_lost()
    tally = rig.sync()
    assert (tally.adopted, tally.writes, len(rig.titles())) == (2, 0, 2)
    rig.github("PATCH", f"/issues/{mirror['number']}", {"body": "Edited above\n\n" + mirror["body"]})
    rig.sync()
    rig.sync()
    assert len(rig.summaries()) == 2


def test_text_written_below_the_marker_stays_and_the_mirror_is_never_made_again(rig: Marked) -> None:
    rig.jira_issue("Task", "Text")
    rig.sync()
    (mirror,) = rig.github("GET", "/issues?state=all")
    rig.github("PATCH", "/issues/1", {"body": f"{mirror['body']}\n\nWritten below"})
    rig.sync()
    (issue,) = rig.box.jira.issues.values()
    assert "Written below" in str(issue.content["description"])
    assert "syncer:" not in str(issue.content["description"])
    rig.state_lost()
    for _ in range(2):
        assert rig.sync().created == {"left": 0, "right": 0}
    assert len(rig.summaries()) == len(rig.titles()) == 1
    with rig.context() as context:
        (line, *_) = waiting(context.store, "pay")
    assert (line.item, line.why) == ("acme/pay#1", Why.HELD)
    rig.github("PATCH", "/issues/1", {"body": mirror["body"]})
    assert rig.sync().adopted == 1


def test_a_token_may_become_an_app_and_what_the_former_account_made_stays_ours(rig: Marked) -> None:
    rig.jira_issue("Task", "Text")
    rig.sync()
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = rig.box.github.add_app("sync", "acme", public_key=public.decode())
    installation = rig.box.github.install_app(app, "acme")
    path = rig.directory / "app.pem"
    path.touch(0o600)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*private))
    rig.github_extra = f'app-id = {app.id}\ninstallation-id = {installation.id}\nprivate-key-file = "{path}"\n'
    rig.app = True
    rig.jira_issue("By the App")
    assert rig.sync().created == {"left": 0, "right": 1}
    assert rig.sync(sweep=True).writes == 0
    with rig.context() as context:
        logins = {account.login for account in context.store.lineage.own_accounts("pay", Side.RIGHT)}
        markers = {item.marker is not None for item in context.store.observed.items("pay", Side.RIGHT, Kind.TASK)}
    assert (len(logins), "sync[bot]" in logins, markers) == (2, True, {True})
