"""The collaboration as the evaluation sees it: goals, tasks, people, impediments, and how well the sync itself went.

Built by `syncer.report.gather.collect` from the store. One task is one piece of work however many trackers show it: a
linked pair counts once and has two places. Nothing here depends on a tracker's vocabulary; nothing performs input or
output. All moments are aware UTC; days are calendar days of the collaboration.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from syncer.contract.model import Side
from syncer.core.records import LoggedForecast
from syncer.core.responsibility import NOTHING_DECLARED, Declarations
from syncer.report.model.claims import ClaimedRoster
from syncer.report.model.code import PairCode
from syncer.report.model.counting import USUAL, CountingRules
from syncer.report.model.sprint import TeamSprint
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.timeline import (
    Assignment,
    Blockage,
    Cause,
    DueChange,
    Membership,
    SprintChange,
    Standing,
    StandingChange,
    StatusVisit,
    Touch,
)


class GoalKind(StrEnum):
    """What a goal is in the trackers."""

    EPIC = "epic"
    MILESTONE = "milestone"


class Reader(StrEnum):
    """Who a report is written for; decides what is shown, never what is computed."""

    MANAGER = "manager"
    MEMBER = "member"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item can be seen: the key people use, and its page."""

    side: Side
    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part, by one id however many accounts they have."""

    id: str
    name: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Impediment:
    """Something is in a task's way."""

    cause: Cause
    kind: str | None = None
    """resource, time, difficulty, external or decision, where a label says so."""
    blockers: tuple[str, ...] = ()
    """Keys of the unfinished tasks it waits for, where they are known."""
    since: datetime | None = None
    """None where nobody saw it begin."""
    waits_for: tuple[str, ...] = ()
    """Ids of those tasks."""
    clearers: tuple[str, ...] = ()
    """Names of those who can clear it, where that is not the task's own owner."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a goal's task list: something that must be true when it is reached."""

    text: str
    met: bool


@dataclass(frozen=True, slots=True)
class Aim:
    """By which number one sees whether a goal is reached, as its text says; what it does not say is None or empty."""

    metric: str = ""
    unit: str = ""
    baseline: float | None = None
    """What it was when the goal was set."""
    target: float | None = None
    current: float | None = None
    measured: date | None = None
    """The day of `current`."""
    unread: tuple[str, ...] = ()
    """Lines that could not be read."""

    @property
    def progress(self) -> float | None:
        """How far the number has come from baseline to target, 0 to 1, whichever is the greater of the two."""
        if self.baseline is None or self.target is None or self.current is None or self.baseline == self.target:
            return None
        return min(1.0, max(0.0, (self.current - self.baseline) / (self.target - self.baseline)))


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work."""

    id: str
    pair: str
    title: str
    places: tuple[Place, ...]
    origin: Side
    """Where a person made it."""
    standing: Standing
    created: datetime
    status: str = ""
    """The native name at its origin."""
    finished: datetime | None = None
    """Last entry into DONE, while it is done."""
    owners: tuple[str, ...] = ()
    """Ids of people."""
    goals: tuple[str, ...] = ()
    due: date | None = None
    type: str | None = None
    priority: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    impediments: tuple[Impediment, ...] = ()
    transitions: tuple[StandingChange, ...] = ()
    """Oldest first; empty when nothing was seen to change."""
    restricted: bool = False
    """Visible to fewer people than the members of its scope: counted, never named."""
    author: str | None = None
    """Who made it."""
    assignments: tuple[Assignment, ...] = ()
    """Oldest first, the first at its creation; empty when its owners were never seen to change."""
    due_changes: tuple[DueChange, ...] = ()
    """As `assignments`, of the due date."""
    memberships: tuple[Membership, ...] = ()
    """As `assignments`, of its goals."""
    visits: tuple[StatusVisit, ...] = ()
    """As `assignments`, of the native status."""
    blockages: tuple[Blockage, ...] = ()
    """What was in its way, by the histories of its labels, flag, status and dependencies; the first to begin first."""
    activity: tuple[datetime, ...] = ()
    """When somebody changed its status, owners, due date or labels; oldest first. Our own writes are nobody's."""
    touches: tuple[Touch, ...] = ()
    """When each person but its author first changed it, as far as the trackers tell; oldest first."""
    points: float | None = None
    estimate_hours: float | None = None
    """What it was thought to take at first."""
    spent_hours: float | None = None
    """What was booked on it."""
    remaining_hours: float | None = None
    """What it is thought to take still, where a field is declared for it."""
    waits_for: tuple[str, ...] = ()
    """Ids of the tasks that must be finished before it, as last seen."""
    sprint: str | None = None
    """Id of the sprint that it is in, or was in last."""
    rank: int | None = None
    """Its place in the plan of its pair, the first is 0; None where no tracker tells."""
    sprint_changes: tuple[SprintChange, ...] = ()
    """As `assignments`, of its sprint."""
    last_moved: datetime = field(init=False, compare=False, repr=False)
    """When anything of the above happened last: from then on the task is as it is now, which saves most of the work of
    computing a moment."""

    def __post_init__(self) -> None:
        changes = (self.transitions, self.assignments, self.due_changes, self.memberships, self.visits)
        moments = [self.created, *(row[-1].at for row in changes if row), *self.activity[-1:]]
        moments += [one.end or one.start for one in self.blockages]
        object.__setattr__(self, "last_moved", max(moments))

    def owners_at(self, moment: datetime) -> tuple[str, ...]:
        """Whose it was at a moment."""
        return next(
            (change.owners for change in reversed(self.assignments) if change.at <= moment), self._first_owners()
        )

    def due_at(self, moment: datetime) -> date | None:
        """The due date it had at a moment."""
        return _due_at(self.due_changes, moment, self.due)

    def goals_at(self, moment: datetime) -> tuple[str, ...]:
        """The goals it was part of at a moment."""
        first = self.memberships[0].goals if self.memberships else self.goals
        return next((change.goals for change in reversed(self.memberships) if change.at <= moment), first)

    def sprint_at(self, moment: datetime) -> str | None:
        """The sprint it was in at a moment."""
        first = self.sprint_changes[0].sprint if self.sprint_changes else self.sprint
        return next((change.sprint for change in reversed(self.sprint_changes) if change.at <= moment), first)

    @property
    def baseline_due(self) -> date | None:
        """The first due date it had."""
        return next((change.due for change in self.due_changes if change.due is not None), self.due)

    def _first_owners(self) -> tuple[str, ...]:
        return self.assignments[0].owners if self.assignments else self.owners

    def standing_at(self, moment: datetime) -> Standing | None:
        """The standing at a moment; None before the task existed."""
        if moment < self.created:
            return None
        standing = self.transitions[0].standing if self.transitions else self.standing
        for transition in self.transitions:
            if transition.at > moment:
                break
            standing = transition.standing
        return standing


def _due_at(changes: tuple[DueChange, ...], moment: datetime, now: date | None) -> date | None:
    """The due date at a moment; before the first change that of the beginning, `now` where it was never changed."""
    first = changes[0].due if changes else now
    return next((change.due for change in reversed(changes) if change.at <= moment), first)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a set of tasks should reach, and by when."""

    id: str
    pair: str
    kind: GoalKind
    title: str
    places: tuple[Place, ...]
    owners: tuple[str, ...] = ()
    start: date | None = None
    start_declared: bool = True
    """False when the start is only the day the goal was created."""
    due: date | None = None
    due_changes: tuple[DueChange, ...] = ()
    """As of a task; a tracker that does not tell them has none."""
    created: datetime | None = None
    closed: bool = False
    closed_at: datetime | None = None
    """When it was closed last, where a tracker tells."""
    restricted: bool = False
    described: bool = False
    """Whether it has a text."""
    criteria: tuple[Criterion, ...] = ()
    """From the task list of its text."""
    aim: Aim | None = None
    """From the block of its text."""
    serves: bool | None = None
    """Whether it belongs to something above it; None where its kind cannot."""

    def due_at(self, moment: datetime) -> date | None:
        """The due date it had at a moment."""
        return _due_at(self.due_changes, moment, self.due)

    def at(self, moment: datetime) -> Goal | None:
        """The goal as it was, as far as the trackers tell; None before it was made."""
        if self.created is not None and self.created > moment:
            return None
        due = self.due_at(moment)
        closed = self.closed and (self.closed_at is None or self.closed_at <= moment)
        return self if (due, closed) == (self.due, self.closed) else replace(self, due=due, closed=closed)


@dataclass(frozen=True, slots=True)
class Comment:
    """A person wrote something (mirrored copies are left out)."""

    task: str
    author: str
    at: datetime
    asks: bool = False
    """Whether it ends with a question mark."""


@dataclass(frozen=True, slots=True)
class WaitingConflict:
    """Both sides changed one field apart, or differ and nothing tells which is right: a person has to choose."""

    id: int
    pair: str
    title: str
    places: tuple[Place, ...]
    field: str
    left: str
    right: str
    """Values as people read them; empty when `restricted`."""
    opened_at: datetime
    restricted: bool = False
    settled_at: datetime | None = None
    """None while it waits."""
    edited: bool = True
    """Whether both sides agreed before; else nobody need have edited it."""


@dataclass(frozen=True, slots=True)
class Steering:
    """What somebody asked for about one item: that it is paused, or apart from the other side."""

    apart: bool
    since: datetime
    by: str
    """Who asked for it; empty where nothing tells."""
    why: str = ""
    until: datetime | None = None
    label: str = ""
    """The label that pauses it; empty where a command did."""


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item that is set aside until somebody acts."""

    pair: str
    title: str
    places: tuple[Place, ...]
    reason: str
    restricted: bool = False
    steering: Steering | None = None
    """Why it is set aside where somebody asked for that: then nobody has to act."""


@dataclass(frozen=True, slots=True)
class PairHealth:
    """How the sync of one pair is doing."""

    name: str
    addresses: tuple[str, str]
    """What people call the left and the right scope; empty when never read."""
    runs: tuple[SyncRun, ...]
    """Newest first."""
    linked_tasks: int
    unsettled_writes: int
    """Writes whose outcome is not known yet."""
    synced_since: datetime | None = None
    """When its first run began: before that nothing was reported. None: with the oldest of `runs`."""
    past_known: bool = False
    """Whether both trackers gave the past of all tasks, so that nothing began at an unknown time."""
    carry_delays: tuple[timedelta, ...] = ()
    """From a person's change on one side to its showing on the other; changes carried in the window, sorted."""


@dataclass(frozen=True, slots=True)
class Collaboration:
    """Everything that is evaluated."""

    name: str
    pairs: tuple[PairHealth, ...]
    people: tuple[Person, ...]
    goals: tuple[Goal, ...]
    tasks: tuple[Task, ...]
    comments: tuple[Comment, ...] = ()
    conflicts: tuple[WaitingConflict, ...] = ()
    settled_conflicts: tuple[datetime, ...] = ()
    """When conflicts were settled, by rule or by a person."""
    past_conflicts: tuple[WaitingConflict, ...] = ()
    """Those that were settled in the last weeks."""
    held: tuple[HeldItem, ...] = ()
    forecast_log: tuple[LoggedForecast, ...] = ()
    """What earlier reports said of when goals will be reached, oldest first."""
    waiting: frozenset[str] = frozenset()
    """Names of statuses in which work waits for somebody, folded; empty when none is known."""
    declared: Declarations = NOTHING_DECLARED
    """Who is responsible for what and how much people can take on, as written down; people by their ids."""
    counting: CountingRules = USUAL
    """What the configuration says of counting."""
    sprints: tuple[TeamSprint, ...] = ()
    """Those that tasks are or were in, each once, the first to begin first."""
    rosters: tuple[ClaimedRoster, ...] = ()
    """Who is who by each side, as it changed over time."""
    code: tuple[PairCode, ...] = ()
    """Of the pairs whose trackers tell of pull requests and releases."""
    earlier_statuses: frozenset[str] = frozenset()
    """Names of those that finished tasks went through so long ago that the tasks do not tell it any more."""

    def waiting_at(self, moment: datetime) -> tuple[WaitingConflict, ...]:
        """The conflicts that waited at a moment, the oldest first."""
        found = [
            one
            for one in (*self.conflicts, *self.past_conflicts)
            if one.opened_at <= moment and (one.settled_at is None or one.settled_at > moment)
        ]
        return tuple(sorted(found, key=lambda one: (one.opened_at, one.id)))
