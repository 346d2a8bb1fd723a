"""What the teams of the story plan with: points, sprints and risks on both sides, pull requests and releases.

The ledger team keeps them in fields of Jira, the checkout team on a board of GitHub. The board and what is on it come
into the sandbox by themselves, all that people do to tasks afterwards through HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Final

from syncer.demo.people import MEMBERS
from syncer.demo.stage import Stage
from syncer.demo.story import BOT, ORGANISATION, PROJECT, REPOSITORY, day
from syncer.sandbox import Sandbox
from syncer.sandbox.github import boards, pulls
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.model import Issue, Role

BOARD: Final = 1
"""The number of the board."""
POINTS_ID, SPRINT_ID = "customfield_10016", "customfield_10020"
RISK: Final = "Risk"
SPRINTS: Final = (("Sprint 23", (11, 17), (11, 30)), ("Sprint 24", (12, 1), (12, 14)))
"""Name, first and last day."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a team said of a task when it planned."""

    points: int
    sprint: str
    risk: str | None = None


PLANNED: Final[Mapping[str, Planned]] = {
    "declines": Planned(5, "Sprint 23", "Low"),
    "twice": Planned(3, "Sprint 23", "High"),
    "daily": Planned(8, "Sprint 23"),
    "partial": Planned(5, "Sprint 23"),
    "fallback": Planned(3, "Sprint 24", "High"),
    "alert": Planned(2, "Sprint 24"),
    "evidence": Planned(5, "Sprint 24", "Low"),
    "csp": Planned(3, "Sprint 23", "Low"),
    "webhooks": Planned(5, "Sprint 23", "High"),
    "receipts": Planned(5, "Sprint 23"),
    "sandbox": Planned(2, "Sprint 23"),
    "load": Planned(8, "Sprint 24", "High"),
    "timing": Planned(1, "Sprint 24"),
    "retry": Planned(3, "Sprint 24"),
}
"""By the id of the task in the story."""


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A pull request: of whom, for which task, and when it was opened and reviewed."""

    title: str
    by: str
    task: str
    opened: tuple[int, int]
    reviewed_by: str = ""
    reviewed: tuple[int, int] | None = None


PROPOSALS: Final = (
    ProposedChange("Sign webhooks with the new keys", "tom", "webhooks", (11, 17), "amira", (11, 19)),
    ProposedChange("Send receipts from the queue", "hannah", "receipts", (11, 19)),
    ProposedChange("Content security policy for the card form", "hannah", "csp", (11, 20)),
)
RELEASES: Final = (("v0.9.0", (11, 6)), ("v0.9.1", (11, 13)), ("v0.9.2", (11, 20)))


@dataclass(frozen=True, slots=True)
class PlanOfSandbox:
    """Where the plan is in the sandbox."""

    board: Board
    sprints: Mapping[str, int]
    """Ids of Jira's sprints, by their names."""
    risk: str
    """The id of Jira's field."""


def has_boards(box: Sandbox) -> bool:
    """Whether its GitHub has boards: Enterprise Server has none."""
    return not any("projectsV2" in one.path for one in box.profiles["github"].missing)


def make_plan(stage: Stage) -> PlanOfSandbox:
    """Makes the board, the sprints and the field that tasks are planned with."""
    github, jira = stage.box.github, stage.box.jira
    board = github.add_board(ORGANISATION, "Payments 支付", MEMBERS["grace"].github)
    for member in (*MEMBERS.values(), BOT):
        if member.github:
            board.roles[member.github.casefold()] = Role.WRITE
    spans = [(name, stage.day(day(first)), stage.day(day(last))) for name, first, last in SPRINTS]
    boards.add_field(github, board, "Estimate", "number")
    boards.add_field(github, board, "Target", "date")
    boards.add_field(github, board, RISK, "single_select", ("Low", "High"))
    boards.add_field(
        github, board, "Sprint", "iteration",
        iterations=[(name, first, (last - first).days + 1) for name, first, last in spans],
    )  # fmt: skip
    sprints = {
        name: jira.add_sprint(
            PROJECT, name, "active" if place == 0 else "future", start=_noon(first), end=_noon(last)
        ).id
        for place, (name, first, last) in enumerate(spans)
    }
    return PlanOfSandbox(board, sprints, jira.add_custom_field(RISK, "option", ("Low", "High")).id)


def _noon(of: date) -> datetime:
    return datetime.combine(of, time(12), UTC)


def plan_in_jira(stage: Stage, plan: PlanOfSandbox, task: str, by: str) -> None:
    """Says in Jira what was planned for a task."""
    planned = PLANNED.get(task)
    if planned is not None:
        risk = {plan.risk: {"value": planned.risk}} if planned.risk is not None else {}
        fields = {POINTS_ID: planned.points, SPRINT_ID: plan.sprints[planned.sprint], **risk}
        stage.at_jira(by).edit(stage.jira_keys[task], **fields)


def plan_on_github(stage: Stage, plan: PlanOfSandbox, task: str, by: str) -> None:
    """Puts a task on the board with what was planned for it."""
    planned = PLANNED.get(task)
    if planned is not None:
        issue = stage.box.github.repository(REPOSITORY).issues[stage.github_numbers[task]]
        values: dict[str, object] = {"Estimate": planned.points, "Sprint": planned.sprint}
        if planned.risk is not None:
            values[RISK] = planned.risk
        stage.box.github.put_on_board(plan.board, issue, MEMBERS[by].github, **values)


def code_events(stage: Stage) -> Iterator[tuple[tuple[int, int], Callable[[], None]]]:
    """What happened to the code, each with its day: pull requests opened and reviewed, releases."""
    opened: dict[str, Issue] = {}
    for proposal in PROPOSALS:
        yield proposal.opened, partial(_propose, stage, proposal, opened)
        if proposal.reviewed is not None:
            yield proposal.reviewed, partial(_review, stage, proposal, opened)
    for tag, published in RELEASES:
        yield published, partial(_publish, stage, tag)


def _propose(stage: Stage, proposal: ProposedChange, opened: dict[str, Issue]) -> None:
    text = f"Fixes #{stage.github_numbers[proposal.task]}"
    author = MEMBERS[proposal.by].github
    opened[proposal.task] = stage.box.github.add_pull_request(REPOSITORY, proposal.title, author, text)


def _review(stage: Stage, proposal: ProposedChange, opened: dict[str, Issue]) -> None:
    github = stage.box.github
    pulls.review(github, opened[proposal.task], github.account(MEMBERS[proposal.reviewed_by].github), "COMMENTED")


def _publish(stage: Stage, tag: str) -> None:
    github = stage.box.github
    pulls.release(github, github.repository(REPOSITORY), github.account(MEMBERS["grace"].github), tag)
