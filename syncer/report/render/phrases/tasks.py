"""What is said of tasks and of what people have in hand."""

from __future__ import annotations

from typing import assert_never

from syncer.report.model.collaboration import Impediment
from syncer.report.model.evaluation import Evaluation, Load, StandingCount
from syncer.report.model.goal import TaskLine
from syncer.report.model.timeline import Cause, Standing
from syncer.report.render.language import Language


def standing(value: Standing, language: Language) -> str:
    """A standing in words."""
    match value:
        case Standing.TODO:
            return language.text("to do")
        case Standing.DOING:
            return language.text("in progress")
        case Standing.DONE:
            return language.text("done")
        case Standing.CANCELLED:
            return language.text("cancelled")
        case _:
            assert_never(value)


def standing_places(count: StandingCount, evaluation: Evaluation, language: Language) -> str:
    """Where the tasks of a standing can be seen: `12 on both sides`, or the sides apart."""
    if len(evaluation.pairs) != 1:
        left, right = language.text("left only"), language.text("right only")
    else:
        names = tuple(
            address or name for address, name in zip(evaluation.pairs[0].addresses, ("left", "right"), strict=True)
        )
        left, right = (language.text("%(side)s only", side=name) for name in names)
    parts = [language.text("%(n)s on both sides", n=language.number(count.both))] if count.both else []
    parts += [f"{language.number(count.left_only)} {left}"] if count.left_only else []
    parts += [f"{language.number(count.right_only)} {right}"] if count.right_only else []
    return language.clauses(*parts)


def standings_finding(evaluation: Evaluation, language: Language) -> str:
    """A sentence that says what the bar of standings shows."""
    parts = tuple(
        language.text("%(n)s %(standing)s", n=language.number(count.total), standing=standing(count.standing, language))
        for count in evaluation.standings
    )
    total = language.number(sum(count.total for count in evaluation.standings))
    return language.text("Of %(total)s tasks: %(parts)s.", total=total, parts=language.clauses(*parts))


def load_finding(load: Load, person: str, language: Language) -> str:
    """A sentence that says what the bar of a person shows."""
    parts = [
        language.text("%(n)s in progress", n=language.number(load.doing)),
        language.text("%(n)s to do", n=language.number(load.todo)),
    ]
    parts += [language.text("%(n)s blocked", n=language.number(load.blocked))] if load.blocked else []
    parts += [language.text("%(n)s overdue", n=language.number(load.overdue))] if load.overdue else []
    return language.text("%(person)s: %(parts)s", person=person, parts=language.clauses(*parts))


def lateness(line: TaskLine, language: Language) -> str:
    """`3 days late (17 Nov)`."""
    late = language.plural("%(n)s day late", "%(n)s days late", line.days_late)
    return late if line.due is None else language.text("%(late)s (%(day)s)", late=late, day=language.day(line.due))


def impediments(line: TaskLine, language: Language) -> str:
    """What is in a task's way."""
    return language.clauses(*(_impediment(impediment, language) for impediment in line.impediments))


def _impediment(impediment: Impediment, language: Language) -> str:
    match impediment.cause:
        case Cause.FLAG:
            words = language.text("flagged as blocked")
        case Cause.LABEL:
            words = language.text("labelled as blocked")
        case Cause.STATUS:
            words = language.text("in a status in which work waits")
        case Cause.DEPENDENCY:
            words = language.text("waits for another task")
            if impediment.blockers:
                words = language.text("waits for %(tasks)s", tasks=language.listing(impediment.blockers))
        case _:
            assert_never(impediment.cause)
    details = [] if impediment.kind is None else [impediment_kind(impediment.kind, language)]
    if impediment.since is not None:
        details.append(language.text("since %(day)s", day=language.day(impediment.since.date())))
    if impediment.clearers:
        details.append(language.text("with %(people)s", people=language.listing(impediment.clearers)))
    if not details:
        return words
    return language.text("%(words)s (%(details)s)", words=words, details=language.clauses(*details))


def impediment_kind(kind: str, language: Language) -> str:
    """The kind of an impediment; a kind of the team's own stays as it is."""
    known = {
        "resource": language.text("resource"),
        "time": language.text("time"),
        "difficulty": language.text("difficulty"),
        "external": language.text("external"),
        "decision": language.text("decision"),
    }
    return known.get(kind, kind)


def field_name(field: str, language: Language) -> str:
    """The name of a field as people say it."""
    known = {
        "title": language.text("title"),
        "body": language.text("description"),
        "status": language.text("status"),
        "labels": language.text("labels"),
        "components": language.text("components"),
        "assignees": language.text("owners"),
        "priority": language.text("priority"),
        "type": language.text("type"),
        "milestones": language.text("milestone"),
        "start": language.text("start date"),
        "due": language.text("due date"),
    }
    return known.get(field, field)
