"""Puts the story into the sandbox: people, project, repository, and what they did on each day before the first sync.

Everything people did, they do through HTTP as themselves, on the day the story says: the clock of the sandbox is moved
from event to event. So both trackers hold real histories, and every run of the demonstration is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

from syncer.demo.people import MEMBERS, token_of
from syncer.demo.picture import receipt
from syncer.demo.planning import PlanOfSandbox, code_events, has_boards, make_plan, plan_in_jira, plan_on_github
from syncer.demo.stage import Stage
from syncer.demo.story import (
    BEGINNING,
    BOT,
    CAST,
    EPICS,
    FIRST_SYNC,
    GITHUB_MILESTONES,
    GITHUB_WORK,
    JIRA_VERSIONS,
    JIRA_WORK,
    LABELS,
    ORGANISATION,
    PROJECT,
    REMARKS,
    REPOSITORY,
    Remark,
    Version,
    Work,
    day,
)
from syncer.demo.writing import Picture, Text
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.github.pages import upload
from syncer.sandbox.profiles import Profile

Deployment = Literal["cloud", "datacenter"]

EPIC_LINK = "customfield_10008"
EPIC_NAME = "customfield_10009"
START_DATE = "customfield_10015"
FLAGGED = "customfield_10021"

_MORNING = 8
_PLANNED = 10
_AFTERNOON = 15
_EVENING = 18
OWNER = "grace-turner"
"""Who owns the organisation, and may give it issue fields."""
_PLANNING = (11, 5)
"""The day on which it was said what waits for what."""


def new_sandbox(
    deployment: Deployment,
    seed: int = 0,
    port: int = 0,
    later: timedelta = timedelta(),
    profiles: Iterable[Profile] = (),
) -> Sandbox:
    """A sandbox in which the story begins, not yet served; `later` as in `set_stage`, `profiles` as in `Sandbox`."""
    clock = Clock.virtual(BEGINNING + later)
    box = Sandbox(clock=clock, seed=seed, jira_deployment=deployment, port=port, profiles=profiles)
    if box.behind_gateway:
        box.jira.scoped_tokens.add(token_of(BOT, "jira"))
    return box


def set_stage(box: Sandbox, later: timedelta = timedelta()) -> Stage:
    """Fills a served sandbox with everything that happened up to the first sync. Raises DemoFailed.

    The story is of one November; `later` moves all of it, due dates too.
    """
    _people_of_jira(box)
    _people_of_github(box)
    stage = Stage(box, later)
    versions = {
        version.title: box.jira.add_version(
            PROJECT,
            version.title,
            description=version.text,
            start_date=None if version.start is None else stage.day(version.start),
            release_date=stage.day(version.due),
        ).name
        for version in JIRA_VERSIONS
    }
    plan = make_plan(stage)
    for event in sorted(_events(stage, versions, plan), key=lambda event: event.at):
        stage.advance_to(event.at + later)
        event.act()
    stage.advance_to(FIRST_SYNC + later)
    return stage


def _people_of_jira(box: Sandbox) -> None:
    for member in (*CAST, BOT):
        if member.jira:
            email = f"{member.jira}@acme.example"
            box.jira.add_user(member.jira, member.name, email=email, token=token_of(member, "jira"))
    project = box.jira.add_project(PROJECT, "Payments 支付", lead="grace.turner")
    project.roles["Administrators"].update({"grace.turner", BOT.jira})
    box.jira.grant(BOT.jira, "ADMINISTER_PROJECTS", PROJECT)  # without it Jira lets nobody add a version
    for component in ("checkout", "ledger"):
        box.jira.add_component(PROJECT, component)


def _people_of_github(box: Sandbox) -> None:
    for member in (*CAST, BOT):
        if member.github:
            of_issue_fields = "admin:org" if member.github == OWNER else "read:org"
            scopes = ("repo", of_issue_fields, *(("project",) if has_boards(box) else ()))
            box.github.add_user(member.github, member.name, token=token_of(member, "github"), scopes=scopes)
    box.github.add_organization(ORGANISATION, "Acme", members={OWNER: "admin", BOT.github: "read"})
    box.github.add_repository(REPOSITORY, visibility="private", description="Payments 支付")
    for member in (*CAST, BOT):
        if member.github:
            box.github.add_collaborator(REPOSITORY, member.github, "admin" if member.admin else "write")
    for name, color in LABELS.items():
        box.github.add_label(REPOSITORY, name, color)


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    act: Callable[[], None]


def _at(month_and_day: tuple[int, int], hour: int, minute: int = 0) -> datetime:
    of = day(month_and_day)
    return datetime(of.year, of.month, of.day, hour, minute, tzinfo=UTC)


def _events(stage: Stage, versions: dict[str, str], plan: PlanOfSandbox) -> Iterator[_Event]:
    """Everything that happened, in no order: creations in the morning, changes of status in the afternoon."""
    for minute, work in enumerate((*EPICS, *JIRA_WORK)):
        yield _Event(_at(work.made, _MORNING, minute), partial(_make_in_jira, stage, work, versions))
        yield _Event(_at(work.made, _PLANNED, minute), partial(plan_in_jira, stage, plan, work.id, work.by))
        yield _Event(_at(_PLANNING, _MORNING, minute), partial(_wait, stage, work))
        for moved, status in ((work.doing, "In Progress"), (work.done, "Done"), (work.refused, "Won't Do")):
            if moved is not None:
                yield _Event(_at(moved, _AFTERNOON, minute), partial(_move, stage, work, status))
    for milestone in GITHUB_MILESTONES:
        yield _Event(_at(milestone.made, _MORNING - 1), partial(_make_milestone, stage, milestone))
        if milestone.closed is not None:
            yield _Event(_at(milestone.closed, _EVENING), partial(_close_milestone, stage, milestone))
    for minute, work in enumerate(GITHUB_WORK):
        yield _Event(_at(work.made, _MORNING, minute), partial(_make_on_github, stage, work))
        yield _Event(_at(work.made, _PLANNED, minute), partial(plan_on_github, stage, plan, work.id, work.by))
        if work.doing is not None and work.done is None:
            yield _Event(_at(work.doing, _AFTERNOON, minute), partial(_begin, stage, work))
        for closed, reason in ((work.done, "completed"), (work.refused, "not_planned")):
            if closed is not None:
                yield _Event(_at(closed, _AFTERNOON, minute), partial(_close, stage, work, reason))
    for minute, (when, act) in enumerate(code_events(stage)):
        yield _Event(_at(when, _EVENING, minute), act)
    for minute, remark in enumerate(REMARKS):
        yield _Event(_at(remark.at, 12, minute), partial(_remark, stage, remark))


def _make_in_jira(stage: Stage, work: Work, versions: dict[str, str]) -> None:
    desk, cloud = stage.at_jira(work.by), stage.box.jira.is_cloud
    fields: dict[str, Any] = {
        "project": {"key": PROJECT},
        "issuetype": {"name": work.type},
        "summary": work.title,
        "priority": {"name": work.priority},
        "labels": [label.replace(" ", "_") for label in work.labels],
    }
    if work.text:
        fields["description"] = desk.text(work.text)
    if work.owners:
        fields["assignee"] = desk.person(work.owners[0])
    if work.component:
        fields["components"] = [{"name": work.component}]
    if work.version:
        fields["fixVersions"] = [{"name": versions[work.version]}]
    if work.due is not None:
        fields["duedate"] = stage.day(day(work.due)).isoformat()
    if work.epic:
        epic = stage.jira_keys[work.epic]
        fields |= {"parent": {"key": epic}} if cloud else {EPIC_LINK: epic}
    if work.type == "Epic":
        fields[START_DATE] = stage.day(day(work.start or work.made)).isoformat()
        if not cloud:
            fields[EPIC_NAME] = work.title
    if work.flagged:
        fields[FLAGGED] = [{"value": "Impediment"}]
    stage.jira_keys[work.id] = desk.create(fields)


def _wait(stage: Stage, work: Work) -> None:
    """Says in Jira which tasks this one waits for."""
    for blocker in work.waits_for:
        ends = {"inwardIssue": {"key": stage.jira_keys[blocker]}, "outwardIssue": {"key": stage.jira_keys[work.id]}}
        stage.at_jira(work.by).call("POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})


def _move(stage: Stage, work: Work, status: str) -> None:
    stage.at_jira(work.owners[0] if work.owners else work.by).move(stage.jira_keys[work.id], status)


def _make_on_github(stage: Stage, work: Work) -> None:
    desk = stage.at_github(work.by)
    labels = [work.type.lower(), f"priority: {work.priority.lower()}", *work.labels]
    if work.component:
        labels.append(f"component: {work.component}")
    stage.github_numbers[work.id] = desk.create(
        title=work.title,
        body=desk.text(_dropped(stage, work.text)),
        labels=labels,
        assignees=[MEMBERS[owner].github for owner in work.owners],
        milestone=stage.milestones.get(work.version),
    )


def _dropped(stage: Stage, text: Text) -> Text:
    """The text with its pictures where GitHub keeps what people drop into a text."""
    github = stage.box.github
    return tuple(
        replace(block, address=upload(github, REPOSITORY, block.address, receipt()))
        if isinstance(block, Picture)
        else block
        for block in text
    )


def _make_milestone(stage: Stage, milestone: Version) -> None:
    """Makes a milestone and puts into it what is waiting for it."""
    desk = stage.at_github("grace")
    fields = {
        "title": milestone.title,
        "description": milestone.text,
        "due_on": f"{stage.day(milestone.due)}T12:00:00Z",
    }
    number = int(desk.call("POST", "/milestones", fields)["number"])
    stage.milestones[milestone.title] = number
    for work in GITHUB_WORK:
        if work.version == milestone.title and work.id in stage.github_numbers:
            desk.edit(stage.github_numbers[work.id], milestone=number)


def _close_milestone(stage: Stage, milestone: Version) -> None:
    number = stage.milestones[milestone.title]
    stage.at_github("grace").call("PATCH", f"/milestones/{number}", {"state": "closed"})


def _begin(stage: Stage, work: Work) -> None:
    number = stage.github_numbers[work.id]
    stage.at_github(work.owners[0]).call("POST", f"/issues/{number}/labels", {"labels": ["status: in progress"]})


def _close(stage: Stage, work: Work, reason: str) -> None:
    number = stage.github_numbers[work.id]
    stage.at_github(work.owners[0] if work.owners else work.by).edit(number, state="closed", state_reason=reason)


def _remark(stage: Stage, remark: Remark) -> None:
    if remark.on in stage.jira_keys:
        stage.at_jira(remark.by).comment(stage.jira_keys[remark.on], remark.text)
    else:
        stage.at_github(remark.by).comment(stage.github_numbers[remark.on], remark.text)
