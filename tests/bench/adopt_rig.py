"""Puts the trackers of `adopt_worlds` into a sandbox: people, issues, comments and links, each at its own time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from syncer.contract.model import Side
from syncer.richtext.markup import Markup
from syncer.richtext.plain import PlainMarkup
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.datasets import PROJECT, REPOSITORY
from syncer.sandbox.jira import comments as jira_comments
from syncer.sandbox.jira import editing, links, transitions
from syncer.sandbox.jira.records import User
from syncer.sandbox.jira.values import Target
from tests.bench.adopt_worlds import FIRST_DAY, PEOPLE, Addresses, Issue, Trackers, grown
from tests.rig import Rig

TOOL = "mirror-tool"
_PLAIN = PlainMarkup(1_000_000)


def people() -> str:
    """The `[[people]]` of the configuration."""
    return "".join(
        f'\n[[people]]\nname = "{name}"\naccounts = {{ acme-jira = "{left}", github = "{right}" }}\n'
        for name, left, right in PEOPLE
        if name not in {"Li Wei", "Mia Braun"}  # the rig has these
    )


@dataclass(frozen=True)
class Grown:
    """A rig with two grown trackers, and what is known of them."""

    rig: Rig
    trackers: Trackers


def grown_rig(
    directory: Path, seed: int, size: int, *, deployment: Literal["cloud", "datacenter"] = "cloud", **habits: Any
) -> Grown:
    """Two trackers of `size` issues each in a sandbox that is not started yet; its clock follows the machine's then.

    `habits` are more of the arguments of `grown`.
    """
    clock = Clock.virtual(FIRST_DAY - timedelta(days=1))
    rig = Rig(directory, clock=clock, extra=people(), deployment=deployment)
    box = rig.box
    for name, left, right in (*PEOPLE, ("Mirror Tool", TOOL, TOOL)):
        if name not in {"Li Wei", "Mia Braun"}:
            box.github.add_user(right, name, token=f"{right}-token")
            box.github.add_collaborator(rig.repository, right, "write")
            box.jira.add_user(left, name, email=f"{left}@acme.example", token=f"{left}-token")
    addresses = Addresses(
        left_url=lambda number: f"{box.jira_url}/browse/{PROJECT}-{number}",
        right_url=lambda number: f"{box.github.base_url}/{REPOSITORY}/issues/{number}",
    )
    trackers = grown(seed, size=size, addresses=addresses, **habits)
    with rig.context() as context:
        markup = context.connectors[Side.LEFT].markup
    _fill(box, trackers, markup)
    box.clock.follow_machine()
    return Grown(rig, trackers)


def _fill(box: Sandbox, trackers: Trackers, markup: Markup) -> None:
    """Everything that happened, in its order."""
    events = [*_in_jira(box, trackers.left, markup), *_on_github(box, trackers.right)]
    for at, _, act in sorted(events, key=lambda event: event[:2]):
        box.clock.advance(max(at - box.clock.now(), timedelta()))
        act()


Event = tuple[datetime, int, Any]


def _in_jira(box: Sandbox, issues: Sequence[Issue], markup: Markup) -> Iterator[Event]:
    accounts = {number: _user(box, left) for number, (_, left, _) in enumerate(PEOPLE)} | {-1: _user(box, TOOL)}
    rich = box.jira.is_cloud

    def text(words: str) -> Any:
        source = markup.write(_PLAIN.read(words)).source
        return json.loads(source) if rich else source

    def make(issue: Issue) -> None:
        fields: dict[str, Any] = {
            "project": {"key": PROJECT}, "summary": issue.title, "issuetype": {"name": "Task"},
            "labels": [label.replace(" ", "_") for label in issue.labels],
        }  # fmt: skip
        if issue.body.strip():
            fields["description"] = text(issue.body)
        made = editing.create_issue(box.jira, accounts[issue.by], {"fields": fields}, rich=rich)
        assert made.key == issue.key, (made.key, issue.key)
        for address in issue.web_links:
            links.put_remote(box.jira, accounts[issue.by], made, {"object": {"url": address, "title": "Elsewhere"}})

    def remark(issue: Issue, number: int) -> None:
        one = issue.remarks[number]
        found = box.jira.find_issue(issue.key)
        assert found is not None
        target = Target(box.jira, accounts[one.by], found.project, found.content["issuetype"], rich, found)
        jira_comments.add(target, {"body": text(one.text)})

    def close(issue: Issue) -> None:
        found = box.jira.find_issue(issue.key)
        assert found is not None
        account = accounts[max(issue.by, 0)]
        done = next(each for each in transitions.available(box.jira, account, found) if each.target.name == "Done")
        transitions.take(box.jira, account, found, done.id, {}, rich=rich)

    yield from _events(issues, make, remark, close)


def _user(box: Sandbox, name: str) -> User:
    """Somebody of Jira; the rig has two of them under other names."""
    found = box.jira.find_user({"li.wei": "liwei", "mia.braun": "mia"}.get(name, name))
    assert found is not None
    return found


def _on_github(box: Sandbox, issues: Sequence[Issue]) -> Iterator[Event]:
    logins = {number: right for number, (_, _, right) in enumerate(PEOPLE)} | {-1: TOOL}

    def make(issue: Issue) -> None:
        made = box.github.add_issue(
            REPOSITORY, issue.title, logins[issue.by], issue.body or None, labels=list(issue.labels)
        )
        assert f"{REPOSITORY}#{made.number}" == issue.key, (made.number, issue.key)

    def remark(issue: Issue, number: int) -> None:
        one = issue.remarks[number]
        box.github.add_comment(REPOSITORY, int(issue.key.rpartition("#")[2]), logins[one.by], one.text)

    def close(issue: Issue) -> None:
        number = int(issue.key.rpartition("#")[2])
        box.github.edit_issue(REPOSITORY, number, logins[max(issue.by, 0)], state="closed", state_reason="completed")

    yield from _events(issues, make, remark, close)


def _events(issues: Sequence[Issue], make: Any, remark: Any, close: Any) -> Iterator[Event]:
    for place, issue in enumerate(issues):
        yield issue.at, place, lambda issue=issue: make(issue)
        for number, one in enumerate(issue.remarks):
            yield max(one.at, issue.at) + timedelta(seconds=1), place, lambda issue=issue, n=number: remark(issue, n)
        if issue.closed:
            yield issue.at + timedelta(days=60), place, lambda issue=issue: close(issue)
