"""Advice in words: what to do, who can do it, how long it has been said, and what became of last week's."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.report.evaluation import Advice, Expected, FollowUp, Part, Rule
from syncer.report.metric import MetricId
from syncer.report.model import Place
from syncer.report.render import figures, goal_phrases, task_phrases
from syncer.report.render.figures import counted, marked
from syncer.report.render.language import Language
from syncer.report.render.responsibilities import scope_name


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
    """What would change; empty where that cannot be told."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """What became of one advice."""

    id: str
    text: str


def advice_row(advice: Advice, language: Language) -> AdviceRow:
    """An advice as every format lays it out."""
    return AdviceRow(
        id=advice.id,
        text=_action(advice, language),
        who=language.listing(advice.owners) or language.text("whoever leads the project"),
        age=_age(advice.weeks_open, language),
        expected=_expected(advice.expected, language),
        places=tuple(place for one in advice.evidence for place in one.places[:1]),
    )


def follow_up_row(found: FollowUp, language: Language) -> FollowUpRow:
    """What became of it and how its figure moved: `Done: name owners. Without an owner: 6 a week ago, 4 now.`."""
    subject = _subject(found.advice, language)
    said = (
        language.text("Done: %(subject)s.", subject=subject)
        if found.taken
        else language.text("Still to do: %(subject)s.", subject=subject)
    )
    return FollowUpRow(found.advice.id, language.sentences(said, _movement(found, language)))


def _action(advice: Advice, language: Language) -> str:  # noqa: PLR0911 -- one sentence a rule
    n, goal = advice.count, advice.title
    match advice.rule:
        case Rule.REPLAN:
            day = "" if advice.day is None else language.day_of_year(advice.day)
            if advice.overdue:
                return language.text(
                    "“%(goal)s” is past its date: set a new one, such as %(day)s, or take tasks out, these first.",
                    goal=goal,
                    day=day,
                )
            return language.text(
                "“%(goal)s” will rather miss its date: move it to %(day)s, or take tasks out, these first.",
                goal=goal,
                day=day,
            )
        case Rule.CRITICAL:
            return language.text("One task decides when “%(goal)s” is reached: let two people work on it.", goal=goal)
        case Rule.CYCLE:
            return language.plural(
                "%(n)s task waits for itself: remove a dependency.",
                "%(n)s tasks wait for each other in a ring: remove one of the dependencies.",
                n,
            )
        case Rule.UNBLOCK:
            return language.plural(
                "%(n)s task has been blocked for more than three days: decide who removes what is in its way.",
                "%(n)s tasks have been blocked for more than three days: decide who removes what is in their way.",
                n,
            )
        case Rule.ANSWER:
            return language.plural(
                "%(n)s question has waited for more than a working day: answer it.",
                "%(n)s questions have waited for more than a working day: answer them.",
                n,
            )
        case Rule.OWN:
            return language.plural(
                "Nobody owns %(n)s task that is late or that a goal with a date needs: name an owner.",
                "Nobody owns %(n)s tasks that are late or that a goal with a date needs: name owners.",
                n,
            )
        case Rule.AGE:
            return language.plural(
                "Begin nothing new before this is finished: %(n)s task in progress is older than most ever get.",
                "Begin nothing new before these are finished: %(n)s tasks in progress are older than most ever get.",
                n,
            )
        case Rule.DONE:
            return language.plural(
                "Agree on what done means: %(n)s finished task was opened again.",
                "Agree on what done means: %(n)s finished tasks were opened again.",
                n,
            )
        case Rule.SMART:
            return language.text(
                "Set “%(goal)s” better: %(edit)s.",
                goal=goal,
                edit=goal_phrases.edit(advice.part or Part.TIMED, language),
            )
        case _:
            return _planned(advice, language)


def _planned(advice: Advice, language: Language) -> str:
    """The sentences on people, flow and the sync."""
    if advice.rule in _COUNTED:
        return language.plural(*_COUNTED[advice.rule], advice.count)
    return language.text(_NAMING[advice.rule], **_blanks(advice, language))


_COUNTED = {
    Rule.COVER: counted(
        "Only its owner could go on with %(n)s critical task: let a second person work on it.",
        "Only their owners could go on with %(n)s critical tasks: let a second person work on them.",
    ),
    Rule.REVIEW: counted(
        "%(n)s task in progress waits for review: look at it before beginning anything.",
        "%(n)s tasks in progress wait for review: take turns in looking at them, the oldest first.",
    ),
}
_NAMING = {
    Rule.REBALANCE: marked(
        "%(giver)s has had too much in progress for two weeks: hand what is named here to %(taker)s."
    ),
    Rule.LIMIT: marked(
        "More is begun every week and no more is finished: have at most %(limit)s tasks in progress, not %(n)s."
    ),
    Rule.RACI: marked("Settle who is responsible. Gaps: %(n)s, first of all %(scopes)s."),
    Rule.ESTIMATE: marked("Work takes %(factor)s times what it is estimated to take: multiply new estimates by that."),
    Rule.DRIFT: marked(
        "In %(pair)s both sides changed the %(field)s apart %(n)s times in a week:"
        " agree which side it belongs to, and set its direction."
    ),
}


def _blanks(advice: Advice, language: Language) -> dict[str, str]:
    """What a sentence on people, flow or the sync names."""
    named: dict[str, str] = {"n": language.number(advice.count)}
    match advice.rule:
        case Rule.REBALANCE:
            named["giver"], named["taker"] = advice.names
        case Rule.LIMIT:
            named["limit"] = language.number(int(advice.number or 0))
        case Rule.RACI:
            named["scopes"] = language.listing(tuple(scope_name(scope, language) for scope in advice.scopes))
        case Rule.ESTIMATE:
            named["factor"] = language.decimal(advice.number or 0.0)
        case Rule.DRIFT:
            named["pair"], field = advice.names
            named["field"] = task_phrases.field_name(field, language)
    return named


def _subject(advice: Advice, language: Language) -> str:  # noqa: PLR0911 -- one phrase a rule
    goal = advice.title
    match advice.rule:
        case Rule.REPLAN:
            return language.text("plan “%(goal)s” anew", goal=goal)
        case Rule.CRITICAL:
            return language.text("more hands for the task that decides “%(goal)s”", goal=goal)
        case Rule.CYCLE:
            return language.text("cut the ring of dependencies")
        case Rule.UNBLOCK:
            return language.text("remove what blocks tasks")
        case Rule.ANSWER:
            return language.text("answer open questions")
        case Rule.OWN:
            return language.text("name owners")
        case Rule.AGE:
            return language.text("finish before beginning")
        case Rule.DONE:
            return language.text("agree on what done means")
        case Rule.SMART:
            return language.text("set “%(goal)s” better", goal=goal)
        case Rule.REBALANCE:
            return language.text("take work off %(person)s", person=advice.names[0])
        case _:
            return language.text(_SUBJECTS[advice.rule])


_SUBJECTS = {
    Rule.LIMIT: marked("begin less at a time"),
    Rule.REVIEW: marked("look at finished work sooner"),
    Rule.ESTIMATE: marked("correct the estimates"),
    Rule.DRIFT: marked("agree where a field belongs"),
    Rule.RACI: marked("settle who is responsible"),
    Rule.COVER: marked("a second person for critical tasks"),
}


def _expected(expected: Expected | None, language: Language) -> str:
    """What would change: `Expected: “Without an owner” from 6 to 2.`."""
    if expected is None:
        return ""
    label, now, then = _figure(expected.metric, expected.now, expected.then, language)
    return language.text("Expected: “%(label)s” from %(now)s to %(then)s.", label=label, now=now, then=then)


def _figure(metric: MetricId | None, before: float, after: float, language: Language) -> tuple[str, str, str]:
    """A figure's name and two of its values; None stands for the chance of a goal."""
    if metric is None:
        return language.text("Chance to keep the date"), language.chance(before), language.chance(after)
    values = [figures.amount_of(metric, value, language) for value in (before, after)]
    return figures.metric_label(metric, language), values[0], values[1]


def _age(weeks: int, language: Language) -> str:
    if weeks < 2:
        return ""
    return language.text("second week") if weeks == 2 else language.text("third week or longer")


def _movement(found: FollowUp, language: Language) -> str:
    """The figure that should have moved, then and now."""
    if found.before is None or found.now is None:
        return ""
    label, before, now = _figure(found.metric, found.before, found.now, language)
    if found.weeks_ago == 1:
        return language.text("%(label)s: %(before)s a week ago, %(now)s now.", label=label, before=before, now=now)
    return language.text("%(label)s: %(before)s two weeks ago, %(now)s now.", label=label, before=before, now=now)
