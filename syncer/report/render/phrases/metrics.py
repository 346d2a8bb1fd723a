"""What the figures say: their values, intervals and targets, and the note beside each."""

from __future__ import annotations

from typing import assert_never

from syncer.report.model.message import marked
from syncer.report.model.metric import Comparison, Judgement, Metric, MetricDefinition, Missing, Question, Unit
from syncer.report.model.timeline import Cause
from syncer.report.render.language import Language
from syncer.report.render.phrases.tasks import impediment_kind


def metric_label(metric: MetricDefinition, language: Language) -> str:
    """What a figure counts."""
    return language.text(metric.label)


_QUESTIONS = {
    Question.GOALS: marked("Will the goals be reached?"),
    Question.QUALITY: marked("Is the quality good?"),
    Question.EFFICIENCY: marked("Is the work efficient?"),
    Question.SMOOTHNESS: marked("Does the process run smoothly?"),
    Question.COMMUNICATION: marked("Is communication good?"),
    Question.RESOURCES: marked("Are people and work well matched?"),
    Question.FEASIBILITY: marked("Does the plan hold?"),
    Question.SYNC: marked("Are both trackers in step?"),
}

_MISSING = {
    Missing.TOO_FEW: marked("too few to say"),
    Missing.NOT_REACHED: marked("more than half are still waiting"),
    Missing.NO_WAITING_STATUS: marked("not measurable"),
    Missing.NO_CAPACITY: marked("no capacity is written down"),
    Missing.NOTHING_TO_COUNT: marked("nothing to count"),
    Missing.NO_REVIEW_STATUS: marked("not measurable"),
    Missing.NO_CLIENT_STATUS: marked("not measurable"),
    Missing.NO_ESTIMATES: marked("not measurable"),
    Missing.NO_GOAL_NUMBERS: marked("not measurable"),
    Missing.NO_RELEASES: marked("not measurable"),
    Missing.NO_SPRINT: marked("nothing to count"),
    Missing.NO_PULL_REQUESTS: marked("not measurable"),
}


def question(asked: Question, language: Language) -> str:
    """What a group of figures answers."""
    return language.text(_QUESTIONS[asked])


def metric_value(metric: Metric, language: Language) -> str:
    """The figure as people read it, or why there is none."""
    if metric.value is None:
        return language.text(_MISSING[metric.missing or Missing.NOTHING_TO_COUNT])
    return amount(metric.value, metric.unit, language)


def amount(value: float, unit: Unit, language: Language) -> str:
    """A number in the form its unit is read in."""
    if unit in {Unit.SHARE, Unit.RATIO}:
        return language.percent(value)
    return language.number(value) if isinstance(value, int) else language.decimal(value)


def interval(metric: Metric, language: Language) -> str:
    """`2.1 to 5.4`; empty where there is none."""
    if metric.interval is None:
        return ""
    kind = int if isinstance(metric.value, int) and metric.unit is Unit.TASKS else float
    low = amount(kind(metric.interval.low), metric.unit, language)
    if metric.interval.high is None:
        return language.text("%(low)s or more", low=low)
    return language.text("%(low)s to %(high)s", low=low, high=amount(kind(metric.interval.high), metric.unit, language))


def target(metric: Metric, language: Language) -> str:
    """`at most 5%`; empty where there is none."""
    if metric.target is None:
        return ""
    wanted = amount(metric.target.amount, metric.unit, language)
    if metric.target.at_least:
        return language.text("at least %(wanted)s", wanted=wanted)
    return language.text("at most %(wanted)s", wanted=wanted)


def judgement(value: Judgement | None, language: Language) -> str:
    """What can be said against the target; empty without one."""
    match value:
        case None:
            return ""
        case Judgement.MET:
            return language.text("met")
        case Judgement.MISSED:
            return language.text("missed")
        case Judgement.UNDECIDED:
            return language.text("too early to tell")
        case _:
            assert_never(value)


_NEEDED = {
    Missing.NO_WAITING_STATUS: marked("needs a status in which work waits, such as “In Review”"),
    Missing.NO_REVIEW_STATUS: marked("needs a status for reviews, such as “In Review”"),
    Missing.NO_CLIENT_STATUS: marked("needs a status that waits for the client, such as “With client”"),
    Missing.NO_ESTIMATES: marked("needs points, or estimated and booked hours, on finished tasks"),
    Missing.NO_GOAL_NUMBERS: marked(
        "needs a block “goal” in the text of a goal, with its baseline, target and current value"
    ),
    Missing.NO_RELEASES: marked("needs releases, which the settings of a tracker can have read"),
    Missing.NO_PULL_REQUESTS: marked("needs pull requests, which the settings of a tracker can have read"),
}
"""What would make a figure measurable."""

_PORTIONS = {
    "client": marked("by the client"),
    "labelled": marked("by label"),
    "inferred": marked("by a question mark"),
    "waiting_now": marked("waiting now"),
    "points": marked("points"),
    "removed": marked("taken out"),
    "without_float": marked("may not be late"),
    "by_q50": marked("reached by the day of 50%"),
    "by_q85": marked("reached by the day of 85 in 100"),
    "by_q95": marked("reached by the day of 95 in 100"),
    Cause.FLAG.value: marked("by flag"),
    Cause.LABEL.value: marked("by label"),
    Cause.STATUS.value: marked("by status"),
    Cause.DEPENDENCY.value: marked("by other tasks"),
}


def portions(metric: Metric, language: Language) -> str:
    """`by the client 2, by label 1`."""
    named = (
        f"{language.text(_PORTIONS[one.name]) if one.name in _PORTIONS else impediment_kind(one.name, language)}"
        f" {amount(one.value, metric.definition.portion, language)}"
        for one in metric.portions
    )
    return language.listing(tuple(named))


def metric_note(metric: Metric, language: Language) -> str:
    """The population of a figure, and what it was before."""
    parts = []
    if metric.definition.population is not None:
        parts.append(language.plural(*metric.definition.population, metric.n))
    if metric.missing in _NEEDED:
        parts = [language.text(_NEEDED[metric.missing])]
    if metric.detail:
        parts.append(language.text(metric.definition.names, names=language.listing(metric.detail)))
    if metric.value is not None and any(one.value for one in metric.portions):
        parts.append(portions(metric, language))
        # Days by cause overlap where a task has two causes at once.
        if metric.unit is Unit.ITEM_DAYS and sum(one.value for one in metric.portions) > metric.value:
            parts.append(language.text("a day with several causes counts once"))
    if metric.previous is not None:
        before = amount(metric.previous, metric.unit, language)
        weekly = metric.definition.compared is Comparison.WEEK
        parts.append(
            language.text("week before: %(n)s", n=before)
            if weekly
            else language.text("four weeks before: %(n)s", n=before)
        )
    return language.clauses(*parts)
