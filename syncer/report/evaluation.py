"""What the evaluation of a week says, as data without any language: figures with their populations, goals, lists.

`syncer.report.evaluate` computes it, `syncer.report.render` puts it into words. Ids of metrics are stable: they are the
keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from syncer.report.model import GoalKind, HeldItem, Impediment, Place, Standing, WaitingConflict, Window

SCHEMA = "syncer-report/1"
"""Of the JSON form; a change that a reader of the old form could misread gets a new number."""


class Outlook(StrEnum):
    """What can honestly be said of a goal by comparing the share done with the share of time gone. No forecast."""

    OVERDUE = "overdue"
    BEHIND = "behind"
    """More than ten points less is done than time is gone."""
    NO_DATE = "no-date"
    NO_TASKS = "no-tasks"
    NOT_STARTED = "not-started"
    """Its start lies ahead."""
    ON_COURSE = "on-course"
    REACHED = "reached"
    """Every task is done, or the goal itself was closed."""

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at it this week."""
        return self in {Outlook.OVERDUE, Outlook.BEHIND}


class Unit(StrEnum):
    """What a metric counts."""

    TASKS = "tasks"
    GOALS = "goals"
    COMMENTS = "comments"
    CONFLICTS = "conflicts"
    ITEMS = "items"
    WRITES = "writes"
    RUNS = "runs"
    MINUTES = "minutes"
    DAYS = "days"


class MetricId(StrEnum):
    """The figures of a week."""

    TASKS_OPEN = "tasks_open"
    TASKS_FINISHED = "tasks_finished"
    TASKS_CREATED = "tasks_created"
    NET_FLOW = "net_flow"
    OVERDUE_OPEN = "overdue_open"
    DAYS_LATE = "days_late"
    BLOCKED_OPEN = "blocked_open"
    UNOWNED_OPEN = "unowned_open"
    ON_TIME = "on_time"
    GOALS_ATTENTION = "goals_attention"
    COMMENTS_WRITTEN = "comments_written"
    CONFLICTS_WAITING = "conflicts_waiting"
    CONFLICTS_SETTLED = "conflicts_settled"
    ITEMS_HELD = "items_held"
    SYNC_RUNS = "sync_runs"
    SYNC_RUNS_FAILED = "sync_runs_failed"
    SYNC_WRITES = "sync_writes"
    CARRY_DELAY = "carry_delay"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `n` is the population it was counted in; `value` is None where nothing can be said."""

    id: MetricId
    value: int | None
    unit: Unit
    n: int
    previous: int | None = None
    """The same figure of the week before, where it can be recomputed."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as a list shows it."""

    id: str
    title: str
    places: tuple[Place, ...]
    owners: tuple[str, ...] | None
    """Names; None where this reader is not told."""
    standing: Standing
    status: str
    due: date | None
    days_late: int
    """Whole days after its due day; 0 when not late, or not open."""
    finished: datetime | None
    impediments: tuple[Impediment, ...]
    goals: tuple[str, ...]
    """Titles."""


@dataclass(frozen=True, slots=True)
class GoalFigures:
    """A goal and how far it is. `scope` is every task of it that was not cancelled."""

    id: str
    kind: GoalKind
    title: str
    places: tuple[Place, ...]
    owners: tuple[str, ...]
    start: date | None
    start_declared: bool
    due: date | None
    done: int
    doing: int
    scope: int
    finished_in_window: int
    share_done: float | None
    share_elapsed: float | None
    """Of the time from start to due day, both included; None when either is missing."""
    days_left: int | None
    """Until the due day; negative when it has passed."""
    outlook: Outlook
    blocked: tuple[TaskLine, ...]
    overdue: tuple[TaskLine, ...]
    unowned: int


@dataclass(frozen=True, slots=True)
class StandingCount:
    """How many tasks have a standing, by where they can be seen."""

    standing: Standing
    left_only: int
    right_only: int
    both: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.left_only + self.right_only + self.both


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has in hand. A measure of load, never of merit: persons come in the order of their names."""

    person: str | None
    """Name; None for tasks without an owner."""
    todo: int
    doing: int
    blocked: int
    overdue: int

    @property
    def open(self) -> int:
        """All open tasks."""
        return self.todo + self.doing


@dataclass(frozen=True, slots=True)
class WeekFlow:
    """What came and what went in one week."""

    label: str
    week: int
    created: int
    finished: int


@dataclass(frozen=True, slots=True)
class PairReport:
    """How the sync of one pair did in the window."""

    name: str
    addresses: tuple[str, str]
    complete_to: datetime | None
    """Everything that happened on both sides before this moment is in the figures; None when never read."""
    last_outcome: str
    """Of the newest run; empty when there is none."""
    last_run: datetime | None
    message: str
    """Why the newest run stopped, when it did."""
    linked_tasks: int
    runs: int
    runs_failed: int
    writes: int
    unsettled_writes: int
    healthy: bool
    """Whether the newest run read everything."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One week of one collaboration."""

    collaboration: str
    window: Window
    generated_at: datetime
    as_of: datetime
    """The moment the figures describe: the end of the window, or now while the week still runs."""
    complete_to: datetime | None
    """The earliest `complete_to` of all pairs; None when any was never read."""
    metrics: tuple[Metric, ...]
    goals: tuple[GoalFigures, ...]
    """Those that need attention first, then by due day."""
    standings: tuple[StandingCount, ...]
    loads: tuple[Load, ...]
    flow: tuple[WeekFlow, ...]
    """Eight weeks, oldest first."""
    finished: tuple[TaskLine, ...]
    created: tuple[TaskLine, ...]
    overdue: tuple[TaskLine, ...]
    """Latest first."""
    blocked: tuple[TaskLine, ...]
    unowned: tuple[TaskLine, ...]
    conflicts: tuple[WaitingConflict, ...]
    held: tuple[HeldItem, ...]
    pairs: tuple[PairReport, ...]
    withheld: int
    """Restricted tasks: in the figures, named nowhere."""

    @property
    def complete(self) -> bool:
        """Whether every pair's newest run read everything up to the moment the figures describe."""
        return self.complete_to is not None and all(pair.healthy for pair in self.pairs)

    def metric(self, name: MetricId) -> Metric:
        """The figure with an id."""
        return next(metric for metric in self.metrics if metric.id is name)
