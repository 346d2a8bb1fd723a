"""What the evaluation of a week says, as data without any language: figures with their populations, goals, lists.

`syncer.report.evaluate` computes it, `syncer.report.render` puts it into words. Ids of metrics are stable: they are the
keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from syncer.core.responsibility import Scope
from syncer.report.intervals import Interval
from syncer.report.model import Aim, GoalKind, HeldItem, Impediment, Place, Standing, WaitingConflict, Window
from syncer.report.plans import PlanChange
from syncer.report.responsibility.shown import ResponsibilityTable

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
    HOURS = "hours"
    DAYS = "days"
    ITEM_DAYS = "item-days"
    SHARE = "share"
    """0 to 1."""
    PER_WEEK = "tasks per week"
    PER_TASK = "per finished task"
    PER_HUNDRED = "per hundred writes"
    PEOPLE = "people"
    PER_PERSON = "tasks per person"
    RATIO = "ratio"
    """1 is as much as there should be."""
    INDEX = "index"
    """0 to 1, without a unit."""


class Question(StrEnum):
    """What a week is asked; every figure answers one of these."""

    GOALS = "goals"
    QUALITY = "quality"
    EFFICIENCY = "efficiency"
    SMOOTHNESS = "smoothness"
    COMMUNICATION = "communication"
    RESOURCES = "resources"
    FEASIBILITY = "feasibility"
    SYNC = "sync"
    """How well the trackers were kept in step: the condition of all the others."""


class Judgement(StrEnum):
    """What can be said of a figure that has a target."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"
    """The interval contains the target: it may be either."""


class Missing(StrEnum):
    """Why nothing can be said."""

    TOO_FEW = "too-few"
    """The population is smaller than such a figure needs."""
    NOT_REACHED = "not-reached"
    """So many still wait that the middle is not known."""
    NO_WAITING_STATUS = "no-waiting-status"
    """No status is known in which work waits."""
    NO_CAPACITY = "no-capacity"
    """How much people can take on is written down nowhere."""
    NOTHING_TO_COUNT = "nothing-to-count"
    NO_REVIEW_STATUS = "no-review-status"
    """No status is known in which somebody looks at the work."""
    NO_CLIENT_STATUS = "no-client-status"
    """No status is known in which the client has the word."""
    NO_ESTIMATES = "no-estimates"
    """No finished task has both what it was thought to take and what it took."""
    NO_GOAL_NUMBERS = "no-goal-numbers"
    """No goal says by which number one sees whether it is reached."""
    NO_RELEASES = "no-releases"
    """Nothing tells of releases and of the incidents after them."""


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
    GOAL_PROGRESS = "goal_progress"
    GOAL_SCOPE_DONE = "goal_scope_done"
    ACCEPTANCE_MET = "acceptance_met"
    COMMENTS_WRITTEN = "comments_written"
    CONFLICTS_WAITING = "conflicts_waiting"
    CONFLICTS_SETTLED = "conflicts_settled"
    ITEMS_HELD = "items_held"
    SYNC_RUNS = "sync_runs"
    SYNC_RUNS_FAILED = "sync_runs_failed"
    SYNC_WRITES = "sync_writes"
    CARRY_DELAY = "carry_delay"
    ON_TIME_RATE = "on_time_rate"
    DUE_SLIP = "due_slip"
    REOPEN_RATE = "reopen_rate"
    REWORK_RATE = "rework_rate"
    BUG_SHARE = "bug_share"
    DEFECT_AGE = "defect_age"
    CLIENT_ACCEPT_FIRST = "client_accept_first"
    CHANGE_FAIL = "change_fail"
    CYCLE_TIME_P50 = "cycle_time_p50"
    CYCLE_TIME_P85 = "cycle_time_p85"
    LEAD_TIME_P50 = "lead_time_p50"
    THROUGHPUT = "throughput"
    FLOW_EFFICIENCY = "flow_efficiency"
    ESTIMATE_RATIO = "estimate_ratio"
    DAYS_PER_POINT = "days_per_point"
    WIP = "wip"
    AGE_OVER_SLE = "age_over_sle"
    HANDOFFS = "handoffs"
    PING_PONG = "ping_pong"
    WAIT_SHARE = "wait_share"
    REVIEW_SHARE = "review_share"
    BLOCKED_DAYS = "blocked_days"
    FIRST_RESPONSE = "first_response"
    FIRST_RESPONSE_WORKING = "first_response_working"
    ANSWER_TIME = "answer_time"
    CLIENT_WAIT = "client_wait"
    UNANSWERED_QUESTIONS = "unanswered_questions"
    STALE_OPEN = "stale_open"
    LOAD_GINI = "load_gini"
    ABSENCE_FACTOR = "absence_factor"
    RACI_GAPS = "raci_gaps"
    LOAD_RATIO = "load_ratio"
    OVERLOADED = "overloaded"
    WIP_PER_PERSON = "wip_per_person"
    SINGLE_POINT = "single_point"
    CROSS_TOOL_LAG = "cross_tool_lag"
    SYNC_CONFLICTS = "sync_conflicts"
    GOALS_AT_RISK = "goals_at_risk"
    CPM_LENGTH = "cpm_length"
    FORECAST_CALIBRATION = "forecast_calibration"
    PLAN_STABILITY = "plan_stability"
    PLAN_COMPLETE = "plan_complete"

    @property
    def question(self) -> Question:
        """The question it answers."""
        return _QUESTIONS[self]


_QUESTIONS = {
    metric: question
    for question, metrics in {
        Question.GOALS: (
            MetricId.GOALS_ATTENTION, MetricId.GOAL_PROGRESS, MetricId.GOAL_SCOPE_DONE, MetricId.ACCEPTANCE_MET,
            MetricId.ON_TIME, MetricId.ON_TIME_RATE, MetricId.OVERDUE_OPEN,
            MetricId.DAYS_LATE,
        ),
        Question.QUALITY: (
            MetricId.REOPEN_RATE, MetricId.REWORK_RATE, MetricId.BUG_SHARE, MetricId.DEFECT_AGE,
            MetricId.CLIENT_ACCEPT_FIRST, MetricId.CHANGE_FAIL,
        ),
        Question.EFFICIENCY: (
            MetricId.TASKS_FINISHED, MetricId.TASKS_CREATED, MetricId.NET_FLOW, MetricId.THROUGHPUT,
            MetricId.CYCLE_TIME_P50, MetricId.CYCLE_TIME_P85, MetricId.LEAD_TIME_P50, MetricId.FLOW_EFFICIENCY,
            MetricId.ESTIMATE_RATIO, MetricId.DAYS_PER_POINT,
        ),
        Question.SMOOTHNESS: (
            MetricId.WIP, MetricId.AGE_OVER_SLE, MetricId.HANDOFFS, MetricId.PING_PONG, MetricId.WAIT_SHARE,
            MetricId.REVIEW_SHARE,
            MetricId.BLOCKED_OPEN, MetricId.BLOCKED_DAYS,
        ),
        Question.COMMUNICATION: (
            MetricId.COMMENTS_WRITTEN, MetricId.FIRST_RESPONSE, MetricId.FIRST_RESPONSE_WORKING,
            MetricId.UNANSWERED_QUESTIONS, MetricId.ANSWER_TIME, MetricId.CLIENT_WAIT, MetricId.STALE_OPEN,
        ),
        Question.RESOURCES: (
            MetricId.TASKS_OPEN, MetricId.UNOWNED_OPEN, MetricId.LOAD_GINI, MetricId.ABSENCE_FACTOR,
            MetricId.RACI_GAPS, MetricId.LOAD_RATIO, MetricId.OVERLOADED, MetricId.WIP_PER_PERSON,
            MetricId.SINGLE_POINT,
        ),
        Question.FEASIBILITY: (
            MetricId.GOALS_AT_RISK, MetricId.CPM_LENGTH, MetricId.FORECAST_CALIBRATION, MetricId.PLAN_STABILITY,
            MetricId.PLAN_COMPLETE, MetricId.DUE_SLIP,
        ),
        Question.SYNC: (
            MetricId.CONFLICTS_WAITING, MetricId.CONFLICTS_SETTLED, MetricId.SYNC_CONFLICTS, MetricId.ITEMS_HELD,
            MetricId.SYNC_RUNS, MetricId.SYNC_RUNS_FAILED, MetricId.SYNC_WRITES, MetricId.CARRY_DELAY,
            MetricId.CROSS_TOOL_LAG,
        ),
    }.items()
    for metric in metrics
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be."""

    amount: float
    at_least: bool
    """Whether more is better."""

    def judge(self, interval: Interval | None) -> Judgement:
        """Met or missed only when the whole interval is on one side of the target."""
        if interval is None:
            return Judgement.UNDECIDED
        above = interval.low >= self.amount if self.at_least else interval.low > self.amount
        under = interval.high is not None and (
            interval.high < self.amount if self.at_least else interval.high <= self.amount
        )
        if above == under:
            return Judgement.UNDECIDED
        return Judgement.MET if above is self.at_least else Judgement.MISSED


@dataclass(frozen=True, slots=True)
class Evidence:
    """A task that a figure or an advice rests on."""

    task: str
    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a figure: of one kind, one priority, one party."""

    name: str
    """The kind as its team writes it, or one of the words that the report knows."""
    value: int | float
    n: int


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `n` is the population it was counted in; `value` is None where nothing can be said."""

    id: MetricId
    value: int | float | None
    unit: Unit
    n: int
    previous: int | float | None = None
    """The same figure before: of the week before for counts of a week, of four weeks before for all others."""
    interval: Interval | None = None
    target: Target | None = None
    missing: Missing | None = None
    """Why there is no value."""
    evidence: tuple[Evidence, ...] = ()
    """The tasks that weigh most, those first that one should look at first."""
    detail: tuple[str, ...] = ()
    """Names that decide it: statuses counted as waiting, as review, as the client's; people without a capacity;
    components of one person."""
    portions: tuple[Portion, ...] = ()
    """The figure by kind; they need not add up to it."""

    @property
    def count(self) -> int:
        """The value of a figure that counts; 0 where nothing can be said."""
        return int(self.value or 0)

    @property
    def judgement(self) -> Judgement | None:
        """What can be said against its target; None without one."""
        return None if self.target is None or self.value is None else self.target.judge(self.interval)


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
