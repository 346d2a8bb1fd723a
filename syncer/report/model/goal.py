"""A goal as a week tells it: how far it is, when it will be reached, how well it is set, and the one verdict of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from syncer.report.model.collaboration import Aim, GoalKind, Impediment, Place
from syncer.report.model.metric import EvidenceTask
from syncer.report.model.plan import PlanChange
from syncer.report.model.timeline import Standing


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


class Health(StrEnum):
    """The verdict on a goal, one word wherever it is shown: by its forecast, or the calendar where there is none."""

    OFF_TRACK = "off-track"
    AT_RISK = "at-risk"
    ON_TRACK = "on-track"
    UNKNOWN = "unknown"
    """Without a date, without tasks, or not begun and without a forecast."""
    REACHED = "reached"

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should decide on it this week."""
        return self in {Health.OFF_TRACK, Health.AT_RISK}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as a list shows it."""

    id: str
    title: str
    places: tuple[Place, ...]
    owners: tuple[str, ...] | None
    """Names; None where this reader is not shown them."""
    standing: Standing
    status: str
    due: date | None
    days_late: int
    """Whole days after its due date; 0 when not late, or not open."""
    finished: datetime | None
    impediments: tuple[Impediment, ...]
    goals: tuple[str, ...]
    """Titles."""
    points: float | None = None
    """None also where this reader is not shown them."""


class Basis(StrEnum):
    """What the drawn times are."""

    CYCLE = "cycle-times"
    """From start to finish."""
    LEAD = "lead-times"
    """From wish to finish: too few were seen started."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A task that decides when a goal is reached: the share of trials in which it is the last."""

    task: EvidenceTask
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


class SmartCriterion(StrEnum):
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
    def parts(self) -> dict[SmartCriterion, int | None]:
        """The five by name."""
        return {criterion: getattr(self, criterion.value) for criterion in SmartCriterion}

    @property
    def zeros(self) -> tuple[SmartCriterion, ...]:
        """The criteria that one edit would raise."""
        return tuple(criterion for criterion, score in self.parts.items() if score == 0)

    @property
    def helping(self) -> SmartCriterion | None:
        """What one edit should give first; None where nothing is missing that an edit gives.

        A date first: without it nothing else can be judged. What is not attainable is a decision and no edit.
        """
        zeros = [criterion for criterion in self.zeros if criterion is not SmartCriterion.ATTAINABLE]
        return SmartCriterion.TIMED if SmartCriterion.TIMED in zeros else next(iter(zeros), None)

    @property
    def score(self) -> float:
        """The mean of the criteria that can be judged."""
        known = [score for score in self.parts.values() if score is not None]
        return sum(known) / len(known)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was to be said of a goal at the end of the week before, whether a report was made then or not."""

    health: Health
    p_on_time: float | None
    due: date | None


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """How far a goal was at the end of a week."""

    day: date
    done: int
    scope: int
    """Tasks that belonged to it then, done or not."""


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
    """Of the time from start to due date, both included; None when either is missing."""
    days_left: int | None
    """Until the due date; negative when it has passed."""
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
    health: Health = Health.UNKNOWN
    earlier: Earlier | None = None
    """None where nothing was known of it a week before."""
    date_moves: int = 0
    """How often its date was moved since it first had one."""
    burnup: tuple[BurnPoint, ...] = ()
    """The last eight weeks, oldest first; without those before anything was known."""
