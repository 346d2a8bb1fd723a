"""What somebody should decide or look at this week, most pressing first, each with the person it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from syncer.core.responsibility import Raci, ScopeKind
from syncer.report.model.collaboration import Place, Reader, WaitingConflict
from syncer.report.model.evaluation import Advice, AdviceRule, ClientNeed, ClientNeedKind, Evaluation
from syncer.report.model.goal import GoalFigures, Health
from syncer.report.model.snapshot import MOST_EVIDENCE
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases.advice import advice_row
from syncer.report.render.phrases.choices import choice, last_task, why
from syncer.report.render.phrases.responsibilities import decisions

MOST = 8


class Tone(StrEnum):
    """How pressing a notice is."""

    BAD = "bad"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to decide or look at."""

    tone: Tone
    text: str
    who: str
    """Whom it concerns; empty when it is everybody."""
    places: tuple[Place, ...] = ()
    counts: int = 1
    """How many things it stands for."""
    by: date | None = None
    """The day by which it should be decided; None where it is no decision."""
    advice: str = ""
    """Id of the advice it gives; empty where it gives none."""
    goal: str = ""
    """Id of the goal it is about; empty where it is about none."""
    people: tuple[str, ...] = ()
    """The names in `who`."""
    head: str = ""
    """What `text` begins with, where that is the goal and its verdict."""


def notices(evaluation: Evaluation, language: Language, reader: Reader = Reader.MANAGER) -> tuple[Notice, ...]:
    """What is to be decided, most pressing first; after eight, how many more there are.

    A client is told what waits for them, and a member with a desk what they decide.
    """
    if reader is Reader.CLIENT:
        return _cut_needs([_need(need, language) for need in evaluation.needs], language)
    desk = evaluation.desk
    advice = _about_goals(evaluation)
    found = [
        *(_goal(goal, advice, evaluation, language) for goal in evaluation.goals if goal.health.needs_attention),
        *_conflicts(evaluation, language),
        *_held(evaluation, language),
        *_late_tasks_nobody_owns(evaluation, language),
        *(
            _to_decide(Tone.WARN, text, (), (), evaluation, language)
            for text in decisions(evaluation.responsibilities, language)
        ),
    ]
    if desk is not None:
        found = [notice for notice in found if desk.name in notice.people]
    found.sort(key=lambda notice: notice.tone is not Tone.BAD)
    return _cut(found, language)


def _need(need: ClientNeed, language: Language) -> Notice:
    """What the client is asked for."""
    words = {
        ClientNeedKind.WORD: language.text(
            "“%(title)s” has waited for your answer since %(day)s.", **_of(need, language)
        ),
        ClientNeedKind.ANSWER: language.text(
            "A question on “%(title)s” has waited for your answer since %(day)s.", **_of(need, language)
        ),
    }
    return Notice(Tone.WARN, words[need.kind], "", need.line.places)


def _of(need: ClientNeed, language: Language) -> dict[str, str]:
    return {"title": need.line.title, "day": language.day(need.since)}


def _cut(found: Sequence[Notice], language: Language) -> tuple[Notice, ...]:
    """The first eight, and how many more there are; a ninth takes no more room than the line that would replace it."""
    more = len(found) - MOST
    if more <= 1:
        return tuple(found)
    text = language.text(
        "%(most)s of %(all)s decisions are shown; %(goals)s of all are about goals.",
        most=language.number(MOST),
        all=language.number(len(found)),
        goals=language.number(sum(bool(notice.goal) for notice in found)),
    )
    return (*found[:MOST], Notice(Tone.WARN, text, "", counts=more))


def _cut_needs(found: Sequence[Notice], language: Language) -> tuple[Notice, ...]:
    """The same of what a client is asked for."""
    if len(found) <= MOST + 1:
        return tuple(found)
    text = language.text("%(n)s of %(of)s are shown.", n=language.number(MOST), of=language.number(len(found)))
    return (*found[:MOST], Notice(Tone.WARN, text, "", counts=len(found) - MOST))


def decided_by(notice: Notice, language: Language) -> str:
    """`Who decides: Mei Lin, by 28 Nov`; empty for what nobody has to decide."""
    who = language.labelled(language.text("Who decides"), notice.who) if notice.who else ""
    day = language.text("by %(day)s", day=language.day(notice.by)) if notice.by is not None else ""
    return language.clauses(*(part for part in (who, day) if part))


def _goal(goal: GoalFigures, advice: Mapping[str, Advice], evaluation: Evaluation, language: Language) -> Notice:
    """What is to be decided of a goal: what is advised for it, else its date or its tasks."""
    given = advice.get(goal.id)
    named = language.aside(goal.title, goal_phrases.verdict_change(goal, language))
    tone = Tone.BAD if goal.health is Health.OFF_TRACK else Tone.WARN
    what = why(goal, language), choice(goal, given, evaluation, language), last_task(goal, given, language)
    said = language.labelled(named, language.sentences(*what))
    places = goal.places if given is None or not given.evidence else advice_row(given, language).places
    notice = _to_decide(tone, said, goal.owners, places, evaluation, language)
    return replace(
        notice, by=goal_day(goal, evaluation), advice="" if given is None else given.id, goal=goal.id, head=named
    )


_OF_GOALS = frozenset({AdviceRule.REPLAN, AdviceRule.CRITICAL, AdviceRule.SCOPE})
"""Advice that is a decision about one goal."""


def _about_goals(evaluation: Evaluation) -> dict[str, Advice]:
    """By the id of a goal: what is advised for it, the weightiest first."""
    found: dict[str, Advice] = {}
    for one in evaluation.advice:
        if one.rule in _OF_GOALS and one.subject:
            found.setdefault(one.subject, one)
    return found


def _leads(evaluation: Evaluation) -> tuple[str, ...]:
    """Who answers for the project."""
    rows = (row for row in evaluation.responsibilities.rows if row.scope.kind is ScopeKind.PROJECT)
    answering = (row.person for row in rows if any(known.value == Raci.ACCOUNTABLE for known in row.letters))
    return tuple(dict.fromkeys(answering))


def _to_decide(
    tone: Tone, text: str, people: tuple[str, ...], places: tuple[Place, ...], evaluation: Evaluation,
    language: Language,
) -> Notice:  # fmt: skip
    """Something that these people decide by Friday; whoever leads the project where nobody is known."""
    people = people or _leads(evaluation)
    who = language.listing(people) or language.text("whoever leads the project")
    return Notice(tone, text, who, places, by=deciding_day(evaluation), people=people)


LEAST_TO_DECIDE = timedelta(days=2)
FRIDAY = 5


def deciding_day(evaluation: Evaluation) -> date:
    """The Friday by which this week's decisions are due: at least two days after the report is made."""
    made = min(evaluation.generated_at, evaluation.window.end)
    day = made.astimezone(evaluation.window.zone).date() + LEAST_TO_DECIDE
    return day + timedelta(days=(FRIDAY - day.isoweekday()) % 7)


def goal_day(goal: GoalFigures, evaluation: Evaluation) -> date:
    """The day by which a goal is to be decided on: before its own date, where that is near."""
    day = deciding_day(evaluation)
    ahead = goal.due is not None and (goal.days_left or 0) > 0
    return min(day, goal.due) if ahead and goal.due is not None else day


LONGEST_VALUE = 60
"""Characters of a value that a decision still quotes."""


def _conflicts(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    for conflict in evaluation.conflicts:
        said = {
            "field": task_phrases.field_name(conflict.field, language),
            "title": language.text("(restricted: not shown)") if conflict.restricted else conflict.title,
        }
        text = (
            language.text("Both sides edited the %(field)s of “%(title)s”.", **said)
            if conflict.edited
            else language.text("The %(field)s of “%(title)s” differs, and nothing tells which side is right.", **said)
        )
        text = language.sentences(text, _values(conflict, language))
        places = () if conflict.restricted else conflict.places
        yield _to_decide(Tone.WARN, text, (), places, evaluation, language)


def _values(conflict: WaitingConflict, language: Language) -> str:
    """Between what is to be chosen, where both values are short; and that nothing is written until then."""
    values = (conflict.left, conflict.right)
    if conflict.restricted or any(len(value) > LONGEST_VALUE or "\n" in value for value in values):
        return language.text("Nothing is written until somebody chooses.")
    left, right = (f"“{value}”" if value else language.text("(empty)") for value in values)
    return language.text("Choose %(left)s or %(right)s: nothing is written until then.", left=left, right=right)


def _held(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    waiting = [item for item in evaluation.held if item.steering is None]
    if held := len(waiting):
        text = language.plural(
            "%(n)s item is held back and is not kept in step until somebody acts.",
            "%(n)s items are held back and are not kept in step until somebody acts.",
            held,
        )
        named = (place for item in waiting if not item.restricted for place in item.places[:1])
        yield _to_decide(Tone.WARN, text, (), tuple(islice(named, MOST_EVIDENCE)), evaluation, language)


def _late_tasks_nobody_owns(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    for line in evaluation.overdue:
        if line.owners == ():
            text = language.text(
                "“%(title)s” is %(late)s and has no owner: name one, or close it.",
                title=line.title,
                late=task_phrases.lateness(line, language),
            )
            yield _to_decide(Tone.BAD, text, (), line.places, evaluation, language)
