"""What a week comes to: the answers to the questions of the seed, eight weeks of one figure for each, and what changed.

An answer is made of reasons. Each reason has a verdict of its own, and the worst of them is the verdict of the answer:
so a sentence and its colour can never say different things. Where no reason can be judged, the answer is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncer.report.model.collaboration import Place
from syncer.report.model.metric import Question


class Standpoint(StrEnum):
    """How a question stands, the worst first."""

    PROBLEM = "problem"
    WATCH = "watch"
    GOOD = "good"
    UNKNOWN = "unknown"
    """Too little is known to judge."""


class AnswerFact(StrEnum):
    """What a reason tells."""

    GOALS = "goals"
    """`n` goals of `of` have the verdict `word`."""
    MOST_URGENT = "most-urgent"
    """The goal `names[0]`, first of those in danger."""
    NO_GOALS = "no-goals"
    ON_TIME = "on-time"
    REOPENED = "reopened"
    BUGS = "bugs"
    FINISHED = "finished"
    """`n` in 28 days, `of` in the 28 days before."""
    ADDED = "added"
    """`n` new tasks in 28 days."""
    CYCLE = "cycle"
    BLOCKED = "blocked"
    """`n` of `of` open tasks, the first since `since`."""
    OLD = "old"
    REVIEW = "review"
    IN_PROGRESS = "in-progress"
    QUESTIONS = "questions"
    FIRST_ANSWER = "first-answer"
    UNTOUCHED = "untouched"
    OVERLOADED = "overloaded"
    UNOWNED = "unowned"
    """`n` of `of` open tasks."""
    UNOWNED_LATE = "unowned-late"
    FEW_HANDS = "few-hands"
    """`n` people own half of what was finished in 90 days."""
    TOO_FEW = "too-few"
    """`n` cases are too few to judge by."""


@dataclass(frozen=True, slots=True)
class AnswerReason:
    """One thing that decides an answer, or that one wants to know with it."""

    fact: AnswerFact
    standpoint: Standpoint = Standpoint.UNKNOWN
    """UNKNOWN where it is told and judges nothing."""
    n: int = 0
    of: int = 0
    value: float | None = None
    word: str = ""
    names: tuple[str, ...] = ()
    since: date | None = None


class TrendOf(StrEnum):
    """Which figure of the last eight weeks is drawn beside an answer: the one that decides it."""

    GOALS_IN_DANGER = "goals-in-danger"
    """Goals off track or at risk."""
    REOPENED = "reopened"
    """Of the tasks finished in 28 days, those that were reopened."""
    BUGS = "bugs"
    """Of the tasks made in 28 days, those that are bugs."""
    FINISHED = "finished"
    """Tasks finished in 28 days."""
    ADDED = "added"
    """Tasks made in 28 days."""
    BLOCKED = "blocked"
    OLD = "old"
    """Tasks in progress for longer than 85 % of finished ones took."""
    REVIEW = "review"
    """Tasks in progress that wait for review."""
    QUESTIONS = "questions"
    """Open tasks with a question that waits."""
    FIRST_ANSWER = "first-answer"
    """Hours until half of the tasks made in 28 days had a first answer."""
    UNTOUCHED = "untouched"
    """Open tasks to which nothing happened for 14 days."""
    OVERLOADED = "overloaded"
    """People with too much in progress for two weeks."""
    UNOWNED_LATE = "unowned-late"
    """Overdue tasks without an owner."""
    UNOWNED = "unowned"
    """Open tasks without an owner."""
    FEW_HANDS = "few-hands"
    """The fewest people who finished half of the work of 90 days."""


@dataclass(frozen=True, slots=True)
class WeekTrend:
    """A figure at the end of each of eight weeks, oldest first."""

    of: TrendOf
    values: tuple[int | float | None, ...]
    """None before anything was known."""


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """How one question stands."""

    question: Question
    standpoint: Standpoint
    reasons: tuple[AnswerReason, ...]
    """Those that decide first."""
    trend: WeekTrend


class WeekChangeKind(StrEnum):
    """What became different in the week."""

    REACHED = "reached"
    """A goal."""
    SLIPPED = "slipped"
    """A goal whose date passed, or that is judged worse than a week ago."""
    REPLANNED = "replanned"
    """A goal: its date or its tasks."""
    RECOVERED = "recovered"
    """A goal that is judged better than a week ago."""
    BLOCKED = "blocked"
    """A task."""
    UNBLOCKED = "unblocked"
    JOINED = "joined"
    """Somebody who was never seen before."""


@dataclass(frozen=True, slots=True)
class WeekChange:
    """One thing that is different from a week ago."""

    kind: WeekChangeKind
    subject: str
    """Id of the goal, task or person."""
    name: str
    places: tuple[Place, ...] = ()
