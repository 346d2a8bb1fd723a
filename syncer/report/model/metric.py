"""Figures: each with its unit, population, interval, target and the tasks it rests on, or why nothing can be said.

Ids are stable: they are the keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncer.report.model.collaboration import Place
from syncer.report.statistics import Interval


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
class EvidenceTask:
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
    evidence: tuple[EvidenceTask, ...] = ()
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
