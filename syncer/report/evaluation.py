"""What the evaluation of a week says, as data without any language: figures with their populations, goals, lists.

`syncer.report.evaluate` computes it, `syncer.report.render` puts it into words. Ids of metrics are stable: they are the
keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from syncer.core.responsibility import Scope
from syncer.report.metric import Evidence, Metric, MetricId
from syncer.report.model import Aim, GoalKind, HeldItem, Impediment, Place, WaitingConflict
from syncer.report.plans import PlanChange
from syncer.report.responsibility.shown import ResponsibilityTable
from syncer.report.steps import Standing
from syncer.report.window import Window

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


class Basis(StrEnum):
    """What the drawn times are."""

    CYCLE = "cycle-times"
    """From start to finish."""
    LEAD = "lead-times"
    """From wish to finish: too few were seen started."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A task that decides when a goal is reached: the share of trials in which it is the last."""

    task: Evidence
    share: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a goal will be reached."""

    p_on_time: float | None
    """The share of trials that end by the deadline; None without one."""
    q50: date
    q85: date
    q95: date
    """The days by which it is reached in so many of a hundred trials."""
    drivers: tuple[Driver, ...]
    """The likeliest to be last first."""
    basis: Basis
    n: int
    """Finished tasks whose times were drawn from."""
    trials: int
    learned_from: int = 0
    """Earlier forecasts by whose outcome its days and chance were set; 0 where there are too few."""
    added_a_week: float | None = None
    """Tasks that it is thought to get a week until then; None where too little is known."""
    by_tasks: float | None = None
    """The chance to keep the date by simulating every task with its owner; None without a date."""
    by_throughput: float | None = None
    """The same by what the team finishes in a week; None also where too few weeks are known."""


class Part(StrEnum):
    """One of the five."""

    SPECIFIC = "specific"
    MEASURABLE = "measurable"
    ATTAINABLE = "attainable"
    RELEVANT = "relevant"
    TIMED = "timed"


@dataclass(frozen=True, slots=True)
class Smart:
    """The score of a goal."""

    specific: int
    measurable: int
    attainable: int | None
    """None where nothing can be forecast."""
    relevant: int | None
    """None where a goal of its kind cannot belong to anything above it."""
    timed: int

    @property
    def parts(self) -> dict[Part, int | None]:
        """The five by name."""
        return {part: getattr(self, part.value) for part in Part}

    @property
    def zeros(self) -> tuple[Part, ...]:
        """The parts that one edit would raise."""
        return tuple(part for part, score in self.parts.items() if score == 0)

    @property
    def score(self) -> float:
        """The mean of the parts that can be told."""
        told = [score for score in self.parts.values() if score is not None]
        return sum(told) / len(told)


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
    smart: Smart
    aim: Aim | None = None
    """By which number one sees whether it is reached; None where its text does not say."""
    progress: float | None = None
    """How far that number has come from its baseline to its target; None where one of the three is missing."""
    criteria: int = 0
    """Acceptance criteria in its text."""
    criteria_met: int = 0
    replanned: tuple[PlanChange, ...] = ()
    """What was changed of its plan in the window."""
    share_points: float | None = None
    """Of the points of its tasks, those done; None where fewer than four of five tasks have points."""
    forecast: Forecast | None = None
    """None when it is reached, has no open task, or too little was finished to draw from."""


class Rule(StrEnum):
    """Why something is advised."""

    REPLAN = "replan"
    """A goal will rather miss its date than keep it."""
    CRITICAL = "critical"
    """One task decides whether a goal keeps its date."""
    CYCLE = "cycle"
    """Tasks wait for each other in a ring."""
    UNBLOCK = "unblock"
    ANSWER = "answer"
    OWN = "own"
    AGE = "age"
    """Too much of what was begun is old."""
    DONE = "done"
    """Too much of what was finished comes back."""
    SMART = "smart"
    """A part of a goal is missing that one edit would give it."""
    REBALANCE = "rebalance"
    """Somebody has had more in progress than they can take on, and somebody else has room."""
    LIMIT = "limit"
    """More and more is begun and no more is finished."""
    REVIEW = "review"
    """Too much of what is in progress waits for review."""
    ESTIMATE = "estimate"
    """Work does not take what it is estimated to take."""
    DRIFT = "drift"
    """One field of a pair is changed on both sides again and again."""
    RACI = "raci"
    """Who is responsible is not settled."""
    COVER = "cover"
    """Only its owner could go on with a critical task."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a figure is and what it would be if an advice were taken."""

    metric: MetricId | None
    """None for the chance of a goal to keep its date."""
    now: int | float
    then: int | float


@dataclass(frozen=True, slots=True)
class Advice:
    """What to change, who should do it, and by which figure one will see whether it helped."""

    rule: Rule
    subject: str
    """Id of the goal it is about; empty when it is about all work."""
    title: str
    """Of the goal."""
    owners: tuple[str, ...]
    """Names of those who can do it; empty when nobody is named."""
    evidence: tuple[Evidence, ...]
    count: int
    """How many tasks it is about, also those that are not named."""
    weight: float
    """Days it may save, as a rough rank."""
    day: date | None = None
    """Of a goal's forecast: reached by then in 85 of 100 trials."""
    overdue: bool = False
    """Whether the goal's date has passed."""
    part: Part | None = None
    names: tuple[str, ...] = ()
    """What its sentence names besides: from whom and to whom, a pair and a field."""
    scopes: tuple[Scope, ...] = ()
    """Those that are not settled."""
    number: float | None = None
    """What its sentence counts besides: a limit, a factor."""
    expected: Expected | None = None
    weeks_open: int = 1
    """Weeks in a row in which it has been given, this one included; counted up to three."""

    @property
    def id(self) -> str:
        """The same in every week."""
        return f"{self.rule.value}:{self.subject}" if self.subject else self.rule.value


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What became of an advice of an earlier week: its reason is gone, or it stands; its figure then and now."""

    advice: Advice
    taken: bool
    metric: MetricId | None
    """The figure it should move; None for the chance of its goal to keep the date."""
    before: int | float | None
    now: int | float | None
    weeks_ago: int = 1
    """When it was given last."""


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
    capacity: float | None = None
    """Tasks they can have in progress in the seven days to come, leaves taken off; None where not written down."""
    hours_due: float | None = None
    """Hours left of what is due in these days; None where an estimate is missing or no hours are written down."""
    hours: float | None = None
    """Hours they work in these days."""
    ratio: float | None = None
    """The greater of tasks in progress to `capacity` and `hours_due` to `hours`; None without, or when away."""

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
    advice: tuple[Advice, ...]
    """At most six, what may save most first."""
    follow_up: tuple[FollowUp, ...]
    """Of last week's advice, computed again from the history."""
    standings: tuple[StandingCount, ...]
    loads: tuple[Load, ...]
    responsibilities: ResponsibilityTable
    flow: tuple[WeekFlow, ...]
    """Eight weeks, oldest first."""
    finished: tuple[TaskLine, ...]
    created: tuple[TaskLine, ...]
    overdue: tuple[TaskLine, ...]
    """Latest first."""
    blocked: tuple[TaskLine, ...]
    unowned: tuple[TaskLine, ...]
    dated: tuple[TaskLine, ...]
    """Open tasks with a due day, the next due first."""
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
