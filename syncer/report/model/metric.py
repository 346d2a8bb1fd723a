"""Figures: what each means, and what it is in a week, with its population and the tasks it rests on.

A `MetricDefinition` is the one row in which a metric is described; it stands beside the function that counts it, in
`syncer.report.metrics`. A `Metric` is what was counted. Ids are stable: they are the keys of the JSON report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    RELEASES_PER_WEEK = "releases per week"
    PULL_REQUESTS = "pull requests"
    PER_TASK = "per finished task"
    PER_HUNDRED = "per hundred writes"
    PEOPLE = "people"
    PER_PERSON = "tasks per person"
    RATIO = "ratio"
    """1 is as much as there should be."""
    POINTS = "points"
    """What the team estimates its tasks with."""
    INDEX = "index"
    """A plain number; what its ends mean is said by the metric."""


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
    """No tracker is asked for releases."""
    NO_PULL_REQUESTS = "no-pull-requests"
    """No tracker is asked for pull requests."""
    NO_SPRINT = "no-sprint"
    """No sprint is known of which it could be said."""

    @property
    def worth_saying(self) -> bool:
        """Whether a page says that there is no value: not of a way to work that is not the team's."""
        return self is not Missing.NO_SPRINT


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


class Comparison(StrEnum):
    """With which earlier value a figure is shown."""

    FOUR_WEEKS = "four-weeks"
    """Of rates and durations over 28 days: with those of the 28 days before."""
    WEEK = "week"
    """Of counts of a week: with the week before."""
    NONE = "none"
    """With none: it cannot be counted again as it was, or says nothing about the week before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """The one row in which a metric is described: what it counts, in what, and how it is shown."""

    id: str
    question: Question
    unit: Unit
    label: str
    """Its name in the report: a message of the catalogue."""
    explanation: str
    """How it is counted, in a sentence or two, for `docs/report.md`."""
    pitfall: str = ""
    """How it misleads, for `docs/report.md`."""
    population: tuple[str, str] | None = None
    """What `n` of it were looked at, as messages for one and for many; None where the value is the population."""
    compared: Comparison = Comparison.FOUR_WEEKS
    target: Target | None = None
    """What it should be, where there is a common expectation."""
    names: str = ""
    """What the names in `Metric.detail` are: a message with `%(names)s`."""
    portion: Unit = Unit.TASKS
    """What its portions are read in."""
    for_clients: bool = False
    """Whether the edition for clients shows it."""


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

    definition: MetricDefinition
    value: int | float | None
    n: int
    previous: int | float | None = None
    """The same figure before: of the week before for counts of a week, of four weeks before for all others."""
    interval: Interval | None = None
    missing: Missing | None = None
    """Why there is no value."""
    evidence: tuple[EvidenceTask, ...] = ()
    """The tasks that weigh most, those first that one should look at first."""
    detail: tuple[str, ...] = ()
    """Names that decide it: statuses counted as waiting, as review, as the client's; people without a capacity;
    components of one person."""
    portions: tuple[Portion, ...] = ()
    """The figure by kind; they need not add up to it."""
    wanted: float | None = None
    """What the configuration wants it to be, instead of the usual target."""

    @property
    def id(self) -> str:
        """Its key in the JSON report."""
        return self.definition.id

    @property
    def unit(self) -> Unit:
        """What it is counted in."""
        return self.definition.unit

    @property
    def target(self) -> Target | None:
        """What it should be."""
        usual = self.definition.target
        return usual if usual is None or self.wanted is None else replace(usual, amount=self.wanted)

    @property
    def count(self) -> int:
        """The value of a figure that counts; 0 where nothing can be said."""
        return int(self.value or 0)

    @property
    def judgement(self) -> Judgement | None:
        """What can be said against its target; None without one."""
        return None if self.target is None or self.value is None else self.target.judge(self.interval)
