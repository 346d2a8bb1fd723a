"""Advice in words: what to do, who can do it, how long it has been said, and what became of last week's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from syncer.report.evaluation import Advice, FollowUp, Part, Rule
from syncer.report.model import Place
from syncer.report.render import figures, goal_phrases
from syncer.report.render.language import Language


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One advice in words."""

    id: str
    text: str
    who: str
    """Those who can do it."""
    age: str
    """Since when it is given; empty in the first week."""
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
            assert_never(advice.rule)


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
        case _:
            assert_never(advice.rule)


def _age(weeks: int, language: Language) -> str:
    if weeks < 2:
        return ""
    return language.text("second week") if weeks == 2 else language.text("third week or longer")


def _movement(found: FollowUp, language: Language) -> str:
    """The figure that should have moved, then and now."""
    if found.before is None or found.now is None:
        return ""
    if found.metric is None:
        label = language.text("Chance to keep the date")
        before, now = language.chance(found.before), language.chance(found.now)
    else:
        label = figures.metric_label(found.metric, language)
        before, now = (figures.amount_of(found.metric, value, language) for value in (found.before, found.now))
    return language.text("%(label)s: %(before)s a week ago, %(now)s now.", label=label, before=before, now=now)
