"""Advice in words: what to do, who can do it, how long it has been said, and what became of last week's."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from syncer.report.model.collaboration import Place
from syncer.report.model.evaluation import Advice, AdviceOutcome, AdviceRule, Expected, FollowUp
from syncer.report.model.goal import SmartCriterion
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import MetricDefinition
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import metrics as metric_phrases
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases.responsibilities import scope_name


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One advice in words."""

    id: str
    text: str
    who: str
    """Those who can do it."""
    age: str
    """Since when it is given; empty in the first week."""
    expected: str
    """What would change; empty where that is not known."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """What became of one advice."""

    id: str
    text: str


def advice_row(advice: Advice, language: Language, decided: AbstractSet[str] = frozenset()) -> AdviceRow:
    """An advice as every format lays it out; `decided` are titles of goals that are told of before it."""
    several = advice.rule is AdviceRule.REPLAN and not advice.subject
    return AdviceRow(
        id=advice.id,
        text=_replan_several(advice, decided, language) if several else _action(advice, language),
        who=language.listing(advice.owners) or language.text("whoever leads the project"),
        age=_age(advice.weeks_open, language),
        expected=_expected(advice.expected, language),
        places=tuple(place for one in advice.evidence for place in one.places[:1]),
    )


def follow_up_row(found: FollowUp, language: Language) -> FollowUpRow:
    """What became of it and how its figure moved: `Done: name owners. Without an owner: 6 a week ago, 4 now.`."""
    subject = _subject(found.advice, language)
    words = {
        AdviceOutcome.TAKEN: language.text("Done: %(subject)s.", subject=subject),
        AdviceOutcome.SETTLED: language.text("No longer needed: %(subject)s.", subject=subject),
        AdviceOutcome.WORSE: language.text("Not done, and worse since: %(subject)s.", subject=subject),
        AdviceOutcome.OPEN: language.text("Still to do: %(subject)s.", subject=subject),
    }
    said = words[found.outcome]
    return FollowUpRow(found.advice.id, language.sentences(said, _movement(found, language)))


def _action(advice: Advice, language: Language) -> str:  # noqa: PLR0911 -- one sentence a rule
    n, goal = advice.count, advice.title
    match advice.rule:
        case AdviceRule.REPLAN:
            return _replan(advice, language)
        case AdviceRule.CRITICAL:
            return language.text(
                "“%(task)s” decides when “%(goal)s” is reached: let two people work on it.",
                task=advice.evidence[0].title if advice.evidence else "", goal=goal,
            )  # fmt: skip
        case AdviceRule.CYCLE:
            return language.plural(
                "%(n)s task waits for itself: remove a dependency.",
                "%(n)s tasks wait for each other in a circle: remove one of the dependencies.",
                n,
            )
        case AdviceRule.UNBLOCK:
            return _unblock(advice, language)
        case AdviceRule.ANSWER:
            return language.plural(
                "%(n)s question has waited for more than a working day: answer it.",
                "%(n)s questions have waited for more than a working day: answer them.",
                n,
            )
        case AdviceRule.OWN:
            return language.plural(
                "%(n)s task that is overdue or that a goal with a date needs has no owner: name one.",
                "%(n)s tasks that are overdue or that a goal with a date needs have no owner: name owners.",
                n,
            )
        case AdviceRule.AGE:
            return language.plural(
                "Start nothing new before this is finished: %(n)s task has been in progress longer than most take.",
                "Start nothing new before these are finished: %(n)s tasks have been in progress longer than most take.",
                n,
            )
        case AdviceRule.DONE:
            return language.plural(
                "Agree on what done means: %(n)s finished task was opened again.",
                "Agree on what done means: %(n)s finished tasks were opened again.",
                n,
            )
        case AdviceRule.SMART:
            return language.text(
                "What helps “%(goal)s” most: %(edit)s.",
                goal=goal,
                edit=goal_phrases.edit(advice.part or SmartCriterion.TIMED, language),
            )
        case _:
            return _planned(advice, language)


def _replan(advice: Advice, language: Language) -> str:
    """Move the date, or take tasks out: which, where few enough are known that would do."""
    day = "" if advice.day is None else language.day_of_year(advice.day)
    values = {"goal": advice.title, "day": day}
    if advice.overdue:
        if advice.expected is None:
            return language.text("“%(goal)s” is past its date: set a new one; %(day)s is likely to hold.", **values)
        return language.text(
            "“%(goal)s” is past its date: set a new one (%(day)s is likely to hold), or take these tasks out.", **values
        )
    if advice.expected is None:
        return language.text("“%(goal)s” will probably be late: move its date to %(day)s.", **values)
    return language.text(
        "“%(goal)s” will probably be late: move its date to %(day)s, or take these tasks out.", **values
    )


def _replan_several(advice: Advice, decided: AbstractSet[str], language: Language) -> str:
    """The late goals that are not told of before."""
    left = [title for title in advice.names if title not in decided]
    named = tuple(left[:MOST_NAMED])
    if len(left) > len(named):
        unnamed = len(left) - len(named)
        named = (*named, language.plural("%(n)s more", "%(n)s more", unnamed))
    goals = language.listing(named)
    if len(left) < len(advice.names):
        return language.plural(
            "Besides the decisions above, %(n)s more goal will probably be late: %(goals)s."
            " Move its date or take tasks out.",
            "Besides the decisions above, %(n)s more goals will probably be late: %(goals)s."
            " Move their dates or take tasks out; the list of goals has the days that are likely.",
            len(left), goals=goals,
        )  # fmt: skip
    return language.text(
        "%(n)s goals will probably be late: %(goals)s. Move their dates or take tasks out;"
        " the list of goals has the days that are likely.",
        n=language.number(len(left)), goals=goals,
    )  # fmt: skip


MOST_NAMED = 5
"""Goals that one sentence names."""


def _unblock(advice: Advice, language: Language) -> str:
    """Who or what is waited for, since when, and what helps against its kind."""
    kind, *what = advice.names or ("",)
    if advice.since is None:
        blocked = language.plural(
            "%(n)s task has been blocked for more than three days",
            "%(n)s tasks have been blocked for more than three days", advice.count,
        )  # fmt: skip
    else:
        blocked = language.plural(
            "%(n)s task has been blocked since %(day)s", "%(n)s tasks have been blocked, the first since %(day)s",
            advice.count, day=language.day(advice.since),
        )  # fmt: skip
    if what:
        blocked = language.aside(blocked, language.clauses(*what[:3]))
    remedies = {
        "resource": language.text("move work to somebody with room"),
        "time": language.text("plan anew"),
        "difficulty": language.text("split the work or get help"),
        "external": language.text("ask whoever it waits for, and agree on a date"),
        "decision": language.text("agree who decides, and by when"),
    }
    return language.ended(language.labelled(blocked, remedies.get(kind, language.text("decide who clears it"))))


def _planned(advice: Advice, language: Language) -> str:
    """The sentences on people, flow and the sync."""
    if advice.rule is AdviceRule.RACI:
        return _settle(advice, language)
    if advice.rule in _COUNTED:
        return language.plural(*_COUNTED[advice.rule], advice.count)
    return language.text(_NAMING[advice.rule], **_blanks(advice, language))


def _settle(advice: Advice, language: Language) -> str:
    """Whose part is to be agreed on, and how many gaps there are where more than these."""
    scopes = language.listing(tuple(scope_name(scope, language) for scope in advice.scopes))
    if advice.count <= len(advice.scopes):
        return language.text("Settle who is responsible for %(scopes)s.", scopes=scopes)
    return language.text(
        "Settle who is responsible, first of all for %(scopes)s (%(n)s gaps).",
        scopes=scopes, n=language.number(advice.count),
    )  # fmt: skip


_COUNTED = {
    AdviceRule.COVER: counted(
        "%(n)s critical task is known only to its owner: bring in a second person.",
        "%(n)s critical tasks are known only to their owners: bring in a second person.",
    ),
    AdviceRule.DROP: counted(
        "Nobody has touched %(n)s planned task for 90 days: close it, or take it up.",
        "Nobody has touched %(n)s planned tasks for 90 days: close them, or take them up.",
    ),
    AdviceRule.REVIEW: counted(
        "%(n)s task waits for review: review it before starting anything.",
        "%(n)s tasks wait for review: take turns, the oldest first.",
    ),
}
_NAMING = {
    AdviceRule.REBALANCE: marked(
        "%(giver)s has had too much in progress for two weeks: hand what is named here to %(taker)s."
    ),
    AdviceRule.LIMIT: marked(
        "More is started every week and no more is finished: limit work in progress to %(limit)s tasks, now %(n)s."
    ),
    AdviceRule.SCOPE: marked(
        "%(number)s tasks a week come into “%(goal)s”, which is not on track: stop adding, or move its date."
    ),
    AdviceRule.ESTIMATE: marked("Work takes %(factor)s times its estimate: multiply new estimates by that."),
    AdviceRule.DRIFT: marked(
        "In %(pair)s both sides edited the %(field)s of one task %(n)s times in a week:"
        " agree which side it belongs to, and set its direction."
    ),
}


def _blanks(advice: Advice, language: Language) -> dict[str, str]:
    """What a sentence on people, flow or the sync names."""
    named: dict[str, str] = {"n": language.number(advice.count)}
    match advice.rule:
        case AdviceRule.REBALANCE:
            named["giver"], named["taker"] = advice.names
        case AdviceRule.LIMIT:
            named["limit"] = language.number(int(advice.number or 0))
        case AdviceRule.SCOPE:
            named["goal"], named["number"] = advice.title, language.number(round(advice.number or 0.0))
        case AdviceRule.ESTIMATE:
            named["factor"] = language.decimal(advice.number or 0.0)
        case AdviceRule.DRIFT:
            named["pair"], field = advice.names
            named["field"] = task_phrases.field_name(field, language)
    return named


def _subject(advice: Advice, language: Language) -> str:  # noqa: PLR0911 -- one phrase a rule
    goal = advice.title
    match advice.rule:
        case AdviceRule.REPLAN:
            return language.text("replan “%(goal)s”", goal=goal) if goal else language.text("replan the late goals")
        case AdviceRule.SCOPE:
            return language.text("stop adding tasks to “%(goal)s”", goal=goal)
        case AdviceRule.CRITICAL:
            return language.text("a second person for the task that decides “%(goal)s”", goal=goal)
        case AdviceRule.CYCLE:
            return language.text("break the circle of dependencies")
        case AdviceRule.UNBLOCK:
            return language.text("remove what blocks tasks")
        case AdviceRule.ANSWER:
            return language.text("answer open questions")
        case AdviceRule.OWN:
            return language.text("name owners")
        case AdviceRule.AGE:
            return language.text("finish before starting")
        case AdviceRule.DONE:
            return language.text("agree on what done means")
        case AdviceRule.SMART:
            return language.text("one edit to “%(goal)s”", goal=goal)
        case AdviceRule.REBALANCE:
            return language.text("take work off %(person)s", person=advice.names[0])
        case _:
            return language.text(_SUBJECTS[advice.rule])


_SUBJECTS = {
    AdviceRule.DROP: marked("close or take up what nobody touches"),
    AdviceRule.LIMIT: marked("start less at a time"),
    AdviceRule.REVIEW: marked("review sooner"),
    AdviceRule.ESTIMATE: marked("correct the estimates"),
    AdviceRule.DRIFT: marked("agree where a field belongs"),
    AdviceRule.RACI: marked("settle who is responsible"),
    AdviceRule.COVER: marked("a second person for critical tasks"),
}


def _expected(expected: Expected | None, language: Language) -> str:
    """What would change: `Expected: “Without an owner” from 6 to 2.`."""
    if expected is None:
        return ""
    label, now, then = _figure(expected.metric, expected.now, expected.then, expected.n, language)
    return language.text("Expected: “%(label)s” from %(now)s to %(then)s.", label=label, now=now, then=then)


def _figure(
    metric: MetricDefinition | None, before: float, after: float, n: int, language: Language
) -> tuple[str, str, str]:
    """A figure's name and two of its values; None stands for the chance of a goal, which rests on `n` tasks."""
    if metric is None:
        first, second = (goal_phrases.odds(chance, n, language) for chance in (before, after))
        return language.text("Chance of meeting the date"), first, second
    values = [metric_phrases.amount(value, metric.unit, language) for value in (before, after)]
    return metric_phrases.metric_label(metric, language), values[0], values[1]


def _age(weeks: int, language: Language) -> str:
    if weeks < 2:
        return ""
    return language.text("second week") if weeks == 2 else language.text("third week or longer")


def _movement(found: FollowUp, language: Language) -> str:
    """The figure that should have moved, then and now."""
    if found.before is None or found.now is None:
        return ""
    label, before, now = _figure(found.metric, found.before, found.now, found.n, language)
    if found.weeks_ago == 1:
        return language.text("%(label)s: %(before)s a week ago, %(now)s now.", label=label, before=before, now=now)
    return language.text("%(label)s: %(before)s two weeks ago, %(now)s now.", label=label, before=before, now=now)
