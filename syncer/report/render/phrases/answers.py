"""What a week comes to in words: one sentence for each question, and one line for each kind of change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncer.report.model.collaboration import Place
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import GoalFigures, Health, Outlook
from syncer.report.model.message import counted, marked
from syncer.report.model.summary import (
    AnswerFact,
    AnswerReason,
    QuestionAnswer,
    Standpoint,
    TrendOf,
    WeekChange,
    WeekChangeKind,
)
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import metrics as metric_phrases

MOST_REASONS = 3
"""Reasons that one sentence gives; the figures have the rest."""

MOST_CHANGES = 6
"""Goals, tasks or people that one kind of change names."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """How a question stands, in words."""

    answer: QuestionAnswer
    question: str
    word: str
    """The verdict in a word or two."""
    sentence: str
    trend: str
    """What the eight weeks count, and the newest value: `finished in the week: 6`."""
    series: str
    """All eight values in words: what the small chart shows."""


@dataclass(frozen=True, slots=True)
class ChangedThing:
    """One thing that changed."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """All changes of one kind."""

    kind: WeekChangeKind
    label: str
    items: tuple[ChangedThing, ...]
    more: str
    """What is said of those that are not named; empty when there are none."""


def answer_row(answer: QuestionAnswer, evaluation: Evaluation, language: Language) -> AnswerRow:
    """An answer as every format lays it out."""
    label = language.text(_TRENDS[answer.trend.of])
    values = [_trend_value(value, language) for value in answer.trend.values]
    said = _sentences(answer.reasons, evaluation, language)[:MOST_REASONS]
    return AnswerRow(
        answer=answer,
        question=metric_phrases.question(answer.question, language),
        word=standpoint(answer.standpoint, language),
        sentence=language.sentences(*said) or language.text("Nothing to judge by yet."),
        trend=language.labelled(label, values[-1]),
        series=language.labelled(label, language.listing(tuple(values))),
    )


def standpoint(value: Standpoint, language: Language) -> str:
    """The verdict on a question."""
    words = {
        Standpoint.PROBLEM: language.text("problem"),
        Standpoint.WATCH: language.text("watch"),
        Standpoint.GOOD: language.text("good"),
        Standpoint.UNKNOWN: language.text("not known yet"),
    }
    return words[value]


_TRENDS = {
    TrendOf.GOALS_IN_DANGER: marked("goals off track or at risk"),
    TrendOf.REOPENED: marked("reopened, of four weeks"),
    TrendOf.BUGS: marked("new bugs in four weeks"),
    TrendOf.FINISHED: marked("finished in four weeks"),
    TrendOf.ADDED: marked("added in four weeks"),
    TrendOf.BLOCKED: marked("blocked tasks"),
    TrendOf.OLD: marked("in progress for too long"),
    TrendOf.REVIEW: marked("waiting for review"),
    TrendOf.QUESTIONS: marked("open questions"),
    TrendOf.FIRST_ANSWER: marked("hours to a first answer"),
    TrendOf.UNTOUCHED: marked("no update for 14 days"),
    TrendOf.OVERLOADED: marked("people over their limit"),
    TrendOf.UNOWNED_LATE: marked("overdue, no owner"),
    TrendOf.UNOWNED: marked("tasks without an owner"),
    TrendOf.FEW_HANDS: marked("half the work done by"),
}


def _trend_value(value: float | None, language: Language) -> str:
    return "–" if value is None else language.number(round(value))


# --- reasons


def _sentences(reasons: Sequence[AnswerReason], evaluation: Evaluation, language: Language) -> list[str]:
    """The reasons as sentences; the verdicts on goals are one."""
    goals = [reason for reason in reasons if reason.fact is AnswerFact.GOALS]
    others = [reason for reason in reasons if reason.fact is not AnswerFact.GOALS]
    return [
        *([_goals(goals, language)] if goals else []),
        *(said for reason in others if (said := reason_sentence(reason, evaluation, language))),
    ]


def reason_sentence(reason: AnswerReason, evaluation: Evaluation, language: Language) -> str:
    """One reason as a sentence."""
    if reason.fact is AnswerFact.MOST_URGENT:
        goal = next((one for one in evaluation.goals if one.id in reason.names), None)
        return "" if goal is None else _most_urgent(goal, language)
    if reason.fact in _NONE and not reason.n:
        return language.text(_NONE[reason.fact], of=language.number(reason.of))
    if reason.fact in _COUNTED:
        return language.plural(*_COUNTED[reason.fact], reason.n, of=language.number(reason.of))
    return _SPOKEN[reason.fact](reason, language)


_NONE = {
    AnswerFact.NO_GOALS: marked("No goal is recorded: an epic, a version or a milestone with a date makes one."),
    AnswerFact.IN_PROGRESS: marked("No task is open."),
    AnswerFact.BLOCKED: marked("Nothing is blocked."),
    AnswerFact.QUESTIONS: marked("No questions are waiting for an answer."),
    AnswerFact.UNOWNED: marked("Every open task has an owner."),
    AnswerFact.OVERLOADED: marked("Nobody was over their limit for two weeks running."),
    AnswerFact.ADDED: marked("No task was added."),
    AnswerFact.REOPENED: marked("None of %(of)s finished tasks was reopened."),
    AnswerFact.BUGS: marked("None of %(of)s new tasks is a bug."),
    AnswerFact.OLD: marked("Nothing in progress is unusually old."),
    AnswerFact.REVIEW: marked("Nothing in progress waits for review."),
    AnswerFact.UNTOUCHED: marked("Every open task was touched in the last 14 days."),
    AnswerFact.TOO_FEW: marked("Nothing was finished in four weeks."),
}
_COUNTED = {
    AnswerFact.REOPENED: counted(
        "%(n)s of %(of)s finished tasks was reopened.", "%(n)s of %(of)s finished tasks were reopened."
    ),
    AnswerFact.BUGS: counted("%(n)s of %(of)s new tasks is a bug.", "%(n)s of %(of)s new tasks are bugs."),
    AnswerFact.ADDED: counted("%(n)s task was added.", "%(n)s tasks were added."),
    AnswerFact.OLD: counted(
        "%(n)s of %(of)s tasks in progress is older than 85%% of finished ones took.",
        "%(n)s of %(of)s tasks in progress are older than 85%% of finished ones took.",
    ),
    AnswerFact.REVIEW: counted(
        "%(n)s of %(of)s tasks in progress waits for review.", "%(n)s of %(of)s tasks in progress wait for review."
    ),
    AnswerFact.QUESTIONS: counted(
        "%(n)s question has waited for an answer for more than a working day.",
        "%(n)s questions have waited for an answer for more than a working day.",
    ),
    AnswerFact.UNTOUCHED: counted(
        "%(n)s of %(of)s open tasks has had no update for 14 days.",
        "%(n)s of %(of)s open tasks have had no update for 14 days.",
    ),
    AnswerFact.OVERLOADED: counted(
        "%(n)s person has had too much in progress for two weeks.",
        "%(n)s people have had too much in progress for two weeks.",
    ),
    AnswerFact.UNOWNED: counted(
        "%(n)s of %(of)s open tasks has no owner.", "%(n)s of %(of)s open tasks have no owner."
    ),
    AnswerFact.UNOWNED_LATE: counted(
        "%(n)s overdue task has no owner.", "%(n)s overdue tasks have no owner."
    ),
    AnswerFact.FEW_HANDS: counted(
        "%(n)s person finished half of the work of 90 days.", "%(n)s people finished half of the work of 90 days."
    ),
    AnswerFact.TOO_FEW: counted(
        "%(n)s task was finished in four weeks: too few to judge.",
        "%(n)s tasks were finished in four weeks: too few to judge.",
    ),
}  # fmt: skip


def _goals(reasons: Sequence[AnswerReason], language: Language) -> str:
    """`Of 8 goals, 6 are off track, 1 is at risk, 1 is reached.`."""
    words = {
        Health.OFF_TRACK: counted("%(n)s is off track", "%(n)s are off track"),
        Health.AT_RISK: counted("%(n)s is at risk", "%(n)s are at risk"),
        Health.ON_TRACK: counted("%(n)s is on track", "%(n)s are on track"),
        Health.REACHED: counted("%(n)s is reached", "%(n)s are reached"),
        Health.UNKNOWN: counted("%(n)s cannot be judged", "%(n)s cannot be judged"),
    }
    if reasons[0].of == 1:
        return language.text(_ONLY_GOAL[Health(reasons[0].word)])
    said = (language.plural(*words[Health(reason.word)], reason.n) for reason in reasons)
    return language.text("Of %(of)s goals, %(said)s.", of=language.number(reasons[0].of), said=language.clauses(*said))


_ONLY_GOAL = {
    Health.OFF_TRACK: marked("The goal is off track."),
    Health.AT_RISK: marked("The goal is at risk."),
    Health.ON_TRACK: marked("The goal is on track."),
    Health.REACHED: marked("The goal is reached."),
    Health.UNKNOWN: marked("The goal cannot be judged."),
}


def _most_urgent(goal: GoalFigures, language: Language) -> str:
    """Which goal is in danger, and why."""
    if goal.outlook is Outlook.OVERDUE:
        why = language.plural("%(n)s day past its date", "%(n)s days past its date", -(goal.days_left or 0))
    elif (said := goal_phrases.short_chance(goal, language)) != "":
        why = said
    else:
        why = language.text(
            "%(share)s done with %(gone)s of the time gone",
            share=language.percent(goal.share_done or 0.0),
            gone=language.percent(goal.share_elapsed or 0.0),
        )
    return language.text("Most urgent: %(goal)s (%(why)s).", goal=goal.title, why=why)


def _finished(reason: AnswerReason, language: Language) -> str:
    return language.plural(
        "%(n)s task was finished in four weeks, %(before)s in the four before.",
        "%(n)s tasks were finished in four weeks, %(before)s in the four before.",
        reason.n, before=language.number(reason.of),
    )  # fmt: skip


WHOLE_DAYS = 3
"""From so many days on nobody needs a part of one."""


def _cycle(reason: AnswerReason, language: Language) -> str:
    days = reason.value or 0.0
    said = language.number(round(days)) if days >= WHOLE_DAYS else language.decimal(days)
    return language.text("Half of the finished tasks took %(days)s days or less.", days=said)


def _blocked(reason: AnswerReason, language: Language) -> str:
    values = {"of": language.number(reason.of)}
    if reason.since is None:
        return language.plural(
            "%(n)s of %(of)s open tasks is blocked.", "%(n)s of %(of)s open tasks are blocked.", reason.n, **values
        )
    return language.plural(
        "%(n)s of %(of)s open tasks is blocked, since %(day)s.",
        "%(n)s of %(of)s open tasks are blocked, the first since %(day)s.",
        reason.n, day=language.day(reason.since), **values,
    )  # fmt: skip


HOURS_OF_DAYS = 72
"""From so many hours on a time is told in days."""


def _first_answer(reason: AnswerReason, language: Language) -> str:
    hours = round(reason.value or 0.0)
    if hours >= HOURS_OF_DAYS:
        return language.text(
            "Half of new tasks get a first answer within %(n)s days.", n=language.number(round(hours / 24))
        )
    return language.plural(
        "Half of new tasks get a first answer within %(n)s hour.",
        "Half of new tasks get a first answer within %(n)s hours.",
        max(hours, 1),
    )


_SPOKEN: Mapping[AnswerFact, Callable[[AnswerReason, Language], str]] = {
    AnswerFact.FINISHED: _finished,
    AnswerFact.CYCLE: _cycle,
    AnswerFact.BLOCKED: _blocked,
    AnswerFact.FIRST_ANSWER: _first_answer,
}


# --- changes


def change_rows(evaluation: Evaluation, language: Language) -> tuple[ChangeRow, ...]:
    """The changes of the week, a row for each kind, each goal once; each row says how many it does not name."""
    goals = {goal.id: goal for goal in evaluation.goals}
    rows, told = [], set[str]()
    for kind in WeekChangeKind:
        of_kind = [change for change in evaluation.changes if change.kind is kind]
        found = [change for change in of_kind if change.subject not in told]
        told.update(change.subject for change in found if change.subject in goals)
        if found:
            rows.append(_change_row(kind, found, goals, language, others=len(found) < len(of_kind)))
    return tuple(rows)


def _change_row(
    kind: WeekChangeKind,
    found: Sequence[WeekChange],
    goals: Mapping[str, GoalFigures],
    language: Language,
    *,
    others: bool,
) -> ChangeRow:
    more = len(found) - MOST_CHANGES
    # One more is named: a line that says so would take as much room.
    shown = found if more <= 1 else found[:MOST_CHANGES]
    amount = language.number(len(found))
    if kind in _OF_GOALS:
        amount = language.text("%(n)s of %(of)s", n=amount, of=language.number(len(goals)))
    label = language.text("Other goals replanned") if others else language.text(_KINDS[kind])
    return ChangeRow(
        kind=kind,
        label=language.aside(label, amount),
        items=tuple(
            # A goal stands with its keys in the list of goals.
            ChangedThing(
                _changed(change, goals.get(change.subject), language),
                () if change.subject in goals else change.places,
            )
            for change in shown
        ),
        more=language.plural("and %(n)s more", "and %(n)s more", more) if more > 1 else "",
    )


_KINDS = {
    WeekChangeKind.REACHED: marked("Goals reached"),
    WeekChangeKind.SLIPPED: marked("Goals slipped"),
    WeekChangeKind.REPLANNED: marked("Goals replanned"),
    WeekChangeKind.RECOVERED: marked("Goals recovered"),
    WeekChangeKind.BLOCKED: marked("Newly blocked tasks"),
    WeekChangeKind.UNBLOCKED: marked("Unblocked tasks"),
    WeekChangeKind.JOINED: marked("People who joined"),
}
_OF_GOALS = frozenset(
    {WeekChangeKind.REACHED, WeekChangeKind.SLIPPED, WeekChangeKind.REPLANNED, WeekChangeKind.RECOVERED}
)


def _changed(change: WeekChange, goal: GoalFigures | None, language: Language) -> str:
    """The name of what changed; of a goal its plan, too. Its verdict stands in the list of goals."""
    if goal is None or change.kind is WeekChangeKind.REACHED:
        return change.name
    plan = goal_phrases.plan_changes(goal, language)
    if change.kind is WeekChangeKind.REPLANNED:
        return language.aside(change.name, plan)
    passed = language.text("its date has passed") if goal.outlook is Outlook.OVERDUE else ""
    return language.aside(change.name, language.points(passed, plan))
