"""What people do between the first sync and the second, each in their own tracker, and what to look for afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from syncer.demo.people import MEMBERS
from syncer.demo.planning import SPRINT_ID, SPRINTS
from syncer.demo.stage import Stage
from syncer.demo.story import FIRST_SYNC, REPOSITORY, SECRET, day
from syncer.demo.writing import Text
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.model import Issue

JIRA = "Jira"
GITHUB = "GitHub"

RESTRICTED_TO = "Administrators"
"""Role of the project whose members alone may read the restricted comment."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A task on both sides."""

    key: str
    """In Jira."""
    number: int
    """On GitHub."""


class StoryWorld:
    """The stage after the first sync: every task of the story can be found on both sides."""

    def __init__(self, stage: Stage, twins: dict[str, Twin]) -> None:
        self.stage = stage
        self.twins = twins

    def jira(self, on: str) -> dict[str, Any]:
        """The fields of a task in Jira, as the project manager sees them."""
        return self.stage.at_jira("grace").issue(self.twins[on].key)

    def github(self, on: str) -> dict[str, Any]:
        """A task on GitHub, as the project manager sees it."""
        return self.stage.at_github("grace").issue(self.twins[on].number)

    def on_board(self, on: str) -> tuple[Issue, Board]:
        """A task on GitHub, and the board that its organisation plans on."""
        github = self.stage.box.github
        return github.repository(REPOSITORY).issues[self.twins[on].number], github.boards[0]

    def jira_comments(self, on: str) -> str:
        """Everything said about a task in Jira."""
        return str(self.stage.at_jira("grace").call("GET", f"/issue/{self.twins[on].key}/comment"))

    def jira_links(self, on: str) -> str:
        """The pages that a task in Jira leads to."""
        return str(self.stage.at_jira("grace").call("GET", f"/issue/{self.twins[on].key}/remotelink"))

    def github_comments(self, on: str) -> str:
        """Everything said about a task on GitHub."""
        return str(self.stage.at_github("grace").call("GET", f"/issues/{self.twins[on].number}/comments"))


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something in one tracker."""

    at: str
    """Time of day, `09:10`."""
    by: str
    where: str
    on: str
    """Story id of the task; a new one for a task that is made."""
    what: str
    """In a few words, for the table."""
    do: Callable[[StoryWorld], None]
    seen: Callable[[StoryWorld], str]
    """What the other tracker shows of it after the next sync; empty when it does not show."""

    @property
    def moment(self) -> datetime:
        """When it happens."""
        return datetime.combine(FIRST_SYNC.date(), time.fromisoformat(self.at), FIRST_SYNC.tzinfo)


SPRINT = SPRINTS[0][0]
"""The sprint of the week."""
NEW_TASK = "proxy"
CONFLICT = "load"
PULL_REQUEST = "Keep the banner off the card form"
SECRET_ON = "contract"  # noqa: S105 -- the id of a task

_SAFARI = "Safari blocks the bank's frame unless we ask for storage access first."
_CAUSE = "原因找到了：页面重新加载时表单又提交了一次，今晚修复。"


def _comment_on_github(on: str, by: str, text: Text) -> Callable[[StoryWorld], None]:
    def do(world: StoryWorld) -> None:
        world.stage.at_github(by).comment(world.twins[on].number, text)

    return do


def _comment_in_jira(on: str, by: str, text: Text, role: str | None = None) -> Callable[[StoryWorld], None]:
    def do(world: StoryWorld) -> None:
        world.stage.at_jira(by).comment(world.twins[on].key, text, role)

    return do


def _edit_on_github(on: str, by: str, **fields: Any) -> Callable[[StoryWorld], None]:
    def do(world: StoryWorld) -> None:
        world.stage.at_github(by).edit(world.twins[on].number, **fields)

    return do


def _replace_on_github(on: str, by: str, old: str, new: str) -> Callable[[StoryWorld], None]:
    def do(world: StoryWorld) -> None:
        body = str(world.github(on)["body"])
        world.stage.at_github(by).edit(world.twins[on].number, body=body.replace(old, new))

    return do


def _edit_in_jira(on: str, by: str, **fields: Any) -> Callable[[StoryWorld], None]:
    def do(world: StoryWorld) -> None:
        world.stage.at_jira(by).edit(world.twins[on].key, **fields)

    return do


def _shown(found: bool, words: str) -> str:
    return words if found else ""


def _swap_review_label(world: StoryWorld) -> None:
    desk, number = world.stage.at_github("amira"), world.twins["pentest"].number
    labels = {label["name"] for label in world.github("pentest")["labels"]}
    desk.edit(number, labels=sorted(labels - {"status: in progress"} | {"status: in review"}))


def _take_in_jira(world: StoryWorld) -> None:
    desk, due = world.stage.at_jira("chen.jing"), world.stage.day(day((12, 5)))
    desk.edit(world.twins["notice"].key, assignee=desk.person("chen.jing"), duedate=due.isoformat())


def _take_on_board(world: StoryWorld) -> None:
    number, login = world.twins["cookie"].number, MEMBERS["hannah"].github
    world.stage.at_github("hannah").edit(number, assignees=[login])
    issue, board = world.on_board("cookie")
    world.stage.box.github.put_on_board(board, issue, login, Sprint=SPRINT, Estimate=1)


def _propose(world: StoryWorld) -> None:
    author, number = MEMBERS["hannah"].github, world.twins["cookie"].number
    world.stage.box.github.add_pull_request(REPOSITORY, PULL_REQUEST, author, f"Fixes #{number}")


def _proposed(world: StoryWorld) -> str:
    return _shown(PULL_REQUEST in world.jira_links("cookie"), "her pull request")


def _rewrite_in_jira(world: StoryWorld) -> None:
    desk = world.stage.at_jira("chen.jing")
    text: Text = (
        "A shop refunds any part of a payment, up to five times, never more than the whole. 最多五次。",
        "Open: what happens to the fee?",
        "Ask the bank before the pilot.",
    )
    desk.edit(world.twins["partial"].key, description=desk.text(text))


def _report_bug(world: StoryWorld) -> None:
    text: Text = ("The bank's proxy removes every header it does not know, ours too.",)
    desk = world.stage.at_github("amira")
    world.stage.github_numbers[NEW_TASK] = desk.create(
        title="The bank's proxy strips our signature header",
        body=desk.text(text),
        labels=["bug", "priority: high"],
        assignees=[MEMBERS["amira"].github],
        milestone=world.github("webhooks")["milestone"]["number"],
    )


def _labels(world: StoryWorld, on: str) -> set[str]:
    return {str(label["name"]) for label in world.github(on)["labels"]}


def _status(world: StoryWorld, on: str) -> str:
    return f"status {world.jira(on)['status']['name']}"


def _taken(world: StoryWorld, on: str) -> str:
    fields = world.jira(on)
    there = any(SPRINT in str(sprint) for sprint in fields[SPRINT_ID] or ())
    return _shown(there, f"{(fields['assignee'] or {}).get('displayName', 'nobody')}, {SPRINT}")


def _state(world: StoryWorld, on: str) -> str:
    issue = world.github(on)
    return f"{issue['state']} ({issue['state_reason']})"


def _due(world: StoryWorld, on: str) -> str:
    owners = ", ".join(person["login"] for person in world.github(on)["assignees"]) or "nobody"
    issue, board = world.on_board(on)
    item = board.item_of(issue)
    due = item and item.values.get(board.field_named("Target").id)
    return _shown(due == world.stage.day(day((12, 5))), f"{owners}, Target 5 Dec")


def _merged(world: StoryWorld) -> str:
    there, here = str(world.jira("partial")["description"]), str(world.github("partial")["body"])
    both = all("up to five times" in text and "before the 5th" in text for text in (there, here))
    return _shown(both, "both paragraphs")


ACTS = (
    Act("09:10", "hannah", GITHUB, "3ds", f"comments: “{_SAFARI[:24]}…”",
        _comment_on_github("3ds", "hannah", (_SAFARI,)),
        lambda world: _shown(_SAFARI in world.jira_comments("3ds"), "her comment")),
    Act("09:20", "tom", GITHUB, "sandbox", "closes it as completed",
        _edit_on_github("sandbox", "tom", state="closed", state_reason="completed"),
        lambda world: _status(world, "sandbox")),
    Act("09:35", "amira", GITHUB, "pentest", "relabels it `status: in review`", _swap_review_label,
        lambda world: _status(world, "pentest")),
    Act("09:50", "hannah", GITHUB, "cookie", f"takes it, and puts it into {SPRINT} on the board", _take_on_board,
        lambda world: _taken(world, "cookie")),
    Act("10:05", "hannah", GITHUB, "csp", "edits the code in its description",
        _replace_on_github("csp", "hannah", "script-src 'self'", "script-src 'self'; frame-src https://vault.example"),
        lambda world: _shown("vault.example" in str(world.jira("csp")["description"]), "the new description")),
    Act("10:15", "amira", GITHUB, NEW_TASK, "opens a bug", _report_bug,
        lambda world: _shown(bool(world.twins[NEW_TASK].key), f"a new {world.jira(NEW_TASK)['issuetype']['name']}")),
    Act("10:40", "tom", GITHUB, CONFLICT, "retitles it: 600 a second",
        _edit_on_github(CONFLICT, "tom", title="Load test at 600 payments a second"), lambda _: ""),
    Act("10:45", "lin.mei", JIRA, CONFLICT, "retitles it too: 500, for 双十一",
        _edit_in_jira(CONFLICT, "lin.mei", summary="Load test at 500 payments a second 双十一峰值"), lambda _: ""),
    Act("11:00", "lin.mei", JIRA, "daily", "finishes it: Done",
        lambda world: world.stage.at_jira("lin.mei").move(world.twins["daily"].key, "Done"),
        lambda world: _state(world, "daily")),
    Act("11:20", "li.wei", JIRA, "twice", f"comments: “{_CAUSE[:12]}…”", _comment_in_jira("twice", "li.wei", (_CAUSE,)),
        lambda world: _shown(_CAUSE in world.github_comments("twice"), "his comment, in Chinese")),
    Act("11:30", "grace", JIRA, SECRET_ON, f"writes a comment for {RESTRICTED_TO} only",
        _comment_in_jira(SECRET_ON, "grace", (SECRET,), RESTRICTED_TO), lambda _: ""),
    Act("12:10", "hannah", GITHUB, "cookie", "opens a pull request that closes it", _propose, _proposed),
    Act("13:00", "chen.jing", JIRA, "notice", "takes it, due on 5 December", _take_in_jira,
        lambda world: _due(world, "notice")),
    Act("13:20", "lin.mei", JIRA, "webhooks", "raises its priority to Highest",
        _edit_in_jira("webhooks", "lin.mei", priority={"name": "Highest"}),
        lambda world: _shown("priority: highest" in _labels(world, "webhooks"), "priority: highest")),
    Act("13:40", "chen.jing", JIRA, "partial", "rewrites the first paragraph", _rewrite_in_jira, _merged),
    Act("13:45", "tom", GITHUB, "partial", "rewrites the last paragraph",
        _replace_on_github("partial", "tom", "before the pilot", "before the 5th of December"), _merged),
)  # fmt: skip
