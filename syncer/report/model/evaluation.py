"""What the evaluation of a week says, as data without any language: figures with their populations, goals, lists.

`syncer.report.evaluate` computes it, `syncer.report.render` puts it into words. Ids of metrics are stable: they are the
keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from syncer.core.responsibility import Scope
from syncer.report.model.collaboration import HeldItem, WaitingConflict
from syncer.report.model.goal import GoalFigures, SmartCriterion, TaskLine
from syncer.report.model.metric import EvidenceTask, Metric, MetricDefinition
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.summary import QuestionAnswer, WeekChange
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window

SCHEMA = "syncer-report/1"
"""Of the JSON form; a change that a reader of the old form could misread gets a new number."""


A_DAY = timedelta(days=1)


class AdviceRule(StrEnum):
    """Why something is advised."""

    REPLAN = "replan"
    """A goal, or several, will probably miss the date."""
    CRITICAL = "critical"
    """One task decides whether a goal keeps its date."""
    CYCLE = "cycle"
    """Tasks wait for each other in a cycle."""
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
    SCOPE = "scope"
    """Tasks come into a goal faster than it can stand."""
    DROP = "drop"
    """Nobody has touched tasks for months."""


class AdviceOutcome(StrEnum):
    """What became of an advice."""

    TAKEN = "taken"
    """What it names was changed as it says."""
    SETTLED = "settled"
    """Its reason is gone, whoever or whatever did that."""
    WORSE = "worse"
    """A rule with more weight fires for the same goal."""
    OPEN = "open"
    """It still stands."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a figure is and what it would be if an advice were taken."""

    metric: MetricDefinition | None
    """None for the chance of a goal to keep its date."""
    now: int | float
    then: int | float
    n: int = 0
    """Finished tasks that a chance rests on."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to change, who should do it, and by which figure one will see whether it helped."""

    rule: AdviceRule
    subject: str
    """Id of the goal it is about; empty when it is about all work."""
    title: str
    """Of the goal."""
    owners: tuple[str, ...]
    """Names of those who can do it; empty when nobody is named."""
    evidence: tuple[EvidenceTask, ...]
    count: int
    """How many tasks it is about, also those that are not named."""
    weight: float
    """Days it may save, as a rough rank."""
    day: date | None = None
    """Of a goal's forecast: reached by then in 85 of 100 trials."""
    overdue: bool = False
    """Whether the goal's date has passed."""
    part: SmartCriterion | None = None
    names: tuple[str, ...] = ()
    """What its sentence names besides: from whom and to whom, a pair and a field."""
    scopes: tuple[Scope, ...] = ()
    """Those that are not settled."""
    since: date | None = None
    """Since when the oldest of what it is about has been so."""
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
    """What became of an advice of an earlier week, and its figure then and now."""

    advice: Advice
    outcome: AdviceOutcome
    metric: MetricDefinition | None
    """The figure it should move; None for the chance of its goal to keep the date."""
    before: int | float | None
    now: int | float | None
    weeks_ago: int = 1
    """When it was given last."""
    n: int = 0
    """As of `Expected`."""
    taken: bool = False
    """Whether `outcome` is that."""


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
class WeekStandings:
    """How many tasks had each standing at the end of one week."""

    label: str
    week: int
    todo: int
    doing: int
    done: int


@dataclass(frozen=True, slots=True)
class AgeingTask:
    """A task in progress, and for how many days it has been."""

    line: TaskLine
    days: float


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
    watches: bool = False
    """Whether the newest run only read both sides, as the configuration wants it."""


@dataclass(frozen=True, slots=True)
class PersonDesk:
    """What one person has before them. Only they are shown it."""

    person: str
    """Id."""
    name: str
    tasks: tuple[TaskLine, ...]
    """Their open tasks: what is in progress first, then by due date."""
    questions: tuple[TaskLine, ...]
    """Those of them on which somebody else waits for an answer."""
    asked: tuple[TaskLine, ...]
    """Tasks on which they asked and nobody has answered."""
    clears: tuple[TaskLine, ...]
    """Tasks of others with something in their way that this person can clear."""


class ClientNeedKind(StrEnum):
    """What the client is waited for with."""

    WORD = "word"
    """The task stands in a status in which the client has the word."""
    ANSWER = "answer"
    """Somebody asked on a task that the client made."""


@dataclass(frozen=True, slots=True)
class ClientNeed:
    """One thing that waits for the client."""

    kind: ClientNeedKind
    line: TaskLine
    since: date


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
    answers: tuple[QuestionAnswer, ...]
    """How the six questions stand."""
    changes: tuple[WeekChange, ...]
    """What is different from a week ago."""
    metrics: tuple[Metric, ...]
    goals: tuple[GoalFigures, ...]
    """Those that need attention first, then by due date."""
    advice: tuple[Advice, ...]
    """At most six, what may save most first."""
    follow_up: tuple[FollowUp, ...]
    """Of last week's advice, computed again from the history."""
    standings: tuple[StandingCount, ...]
    loads: tuple[Load, ...]
    responsibilities: ResponsibilityTable
    flow: tuple[WeekFlow, ...]
    """Eight weeks, oldest first."""
    bands: tuple[WeekStandings, ...]
    """The same weeks, at their ends; without those before anything was known."""
    ageing: tuple[AgeingTask, ...]
    """Tasks in progress that were seen started, the oldest first."""
    usual_days: float | None
    """Days that 85 of 100 tasks took from start to finish in 90 days; None where too few were finished."""
    finished: tuple[TaskLine, ...]
    created: tuple[TaskLine, ...]
    overdue: tuple[TaskLine, ...]
    """Latest first."""
    blocked: tuple[TaskLine, ...]
    unowned: tuple[TaskLine, ...]
    dated: tuple[TaskLine, ...]
    """Open tasks with a due date, the next due first."""
    conflicts: tuple[WaitingConflict, ...]
    held: tuple[HeldItem, ...]
    pairs: tuple[PairReport, ...]
    withheld: int
    """Restricted tasks: in the figures, named nowhere."""
    needs: tuple[ClientNeed, ...] = ()
    """What waits for the client, the longest first."""
    desk: PersonDesk | None = None
    """That of the reader, in the edition for one member."""
    desks: tuple[PersonDesk, ...] = ()
    """Everybody's, until the edition is chosen; no format writes them."""

    @property
    def running(self) -> bool:
        """Whether the week was not over when it was evaluated."""
        return self.generated_at < self.window.end

    @property
    def complete(self) -> bool:
        """Whether every pair's newest run read everything up to the moment the figures describe, or a day before."""
        read = self.complete_to is not None and self.as_of - self.complete_to <= A_DAY
        return read and all(pair.healthy for pair in self.pairs)

    def metric(self, wanted: MetricDefinition) -> Metric:
        """What was counted for a metric."""
        return next(metric for metric in self.metrics if metric.definition is wanted)
