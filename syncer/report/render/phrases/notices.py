"""What somebody should decide or look at this week, most pressing first, each with the person it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncer.report.model.collaboration import Place
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import GoalFigures, Health
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases import week as sync_phrases
from syncer.report.render.phrases.responsibilities import decisions

STALE_AFTER = timedelta(hours=24)
"""When the last complete reading is older than this, the figures may no longer be true."""

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


def notices(evaluation: Evaluation, language: Language) -> tuple[Notice, ...]:
    """What is to be decided, most pressing first; after eight, how many more there are."""
    found = [
        *_sync_trouble(evaluation, language),
        *(_goal(goal, language) for goal in evaluation.goals if goal.health.needs_attention),
        *_conflicts(evaluation, language),
        *_held(evaluation, language),
        *_late_tasks_nobody_owns(evaluation, language),
        *(Notice(Tone.WARN, text, "") for text in decisions(evaluation.responsibilities, language)),
    ]
    found.sort(key=lambda notice: notice.tone is not Tone.BAD)
    more = len(found) - MOST
    if more <= 0:
        return tuple(found)
    text = language.plural(
        "%(n)s more decision is not listed here: %(most)s of %(all)s are shown.",
        "%(n)s more decisions are not listed here: %(most)s of %(all)s are shown.",
        more, most=language.number(MOST), all=language.number(len(found)),
    )  # fmt: skip
    return (*found[:MOST], Notice(Tone.WARN, text, "", counts=more))


def _sync_trouble(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    for pair in evaluation.pairs:
        if pair.complete_to is None:
            yield Notice(
                Tone.BAD, language.text("%(pair)s was never read completely: run syncer sync.", pair=pair.name), ""
            )
        elif not pair.healthy:
            yield Notice(Tone.BAD, sync_phrases.pair_sentence(pair, evaluation, language), "")
        elif evaluation.as_of - pair.complete_to > STALE_AFTER:
            text = language.text(
                "%(pair)s was last read on %(moment)s: is cron running?",
                pair=pair.name,
                moment=language.moment(pair.complete_to, evaluation.window.zone),
            )
            yield Notice(Tone.BAD, text, "")


def _goal(goal: GoalFigures, language: Language) -> Notice:
    obstacles = []
    if goal.overdue:
        obstacles.append(language.plural("%(n)s overdue task", "%(n)s overdue tasks", len(goal.overdue)))
    if goal.blocked:
        obstacles.append(language.plural("%(n)s blocked task", "%(n)s blocked tasks", len(goal.blocked)))
    if goal.unowned:
        obstacles.append(language.plural("%(n)s without an owner", "%(n)s without an owner", goal.unowned))
    why = language.text("In its way: %(obstacles)s.", obstacles=language.clauses(*obstacles)) if obstacles else ""
    said = language.labelled(goal_phrases.verdict(goal, language), goal_phrases.goal_finding(goal, language))
    finding = language.labelled(goal.title, said)
    text = language.sentences(finding, goal_phrases.chance(goal, language), why)
    who = language.listing(goal.owners) or language.text("nobody is named as accountable")
    return Notice(Tone.BAD if goal.health is Health.OFF_TRACK else Tone.WARN, text, who, goal.places)


def _conflicts(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    for conflict in evaluation.conflicts:
        text = language.text(
            "Both sides edited the %(field)s of “%(title)s”; nothing is written until somebody chooses.",
            field=task_phrases.field_name(conflict.field, language),
            title=language.text("(restricted: not shown)") if conflict.restricted else conflict.title,
        )
        yield Notice(Tone.WARN, text, "", () if conflict.restricted else conflict.places)


def _held(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    held = sum(item.steering is None for item in evaluation.held)
    if held:
        text = language.plural(
            "%(n)s item is held back and is not kept in step until somebody acts.",
            "%(n)s items are held back and are not kept in step until somebody acts.",
            held,
        )
        yield Notice(Tone.WARN, text, "")


def _late_tasks_nobody_owns(evaluation: Evaluation, language: Language) -> Iterator[Notice]:
    for line in evaluation.overdue:
        if line.owners == ():
            text = language.text(
                "“%(title)s” is %(late)s and nobody owns it.",
                title=line.title,
                late=task_phrases.lateness(line, language),
            )
            yield Notice(Tone.BAD, text, "", line.places)
