"""What is said of the week as a whole, and of the sync: how far the data reaches, and how each pair did."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from syncer.report.model.collaboration import Reader, Steering
from syncer.report.model.evaluation import Evaluation, PairReport
from syncer.report.model.goal import Basis
from syncer.report.render.language import Language

STALE_AFTER = timedelta(hours=24)
"""When the last complete reading is older than this, the figures may no longer be true."""


def period(evaluation: Evaluation, language: Language) -> str:
    """`16 – 22 Nov 2026; so far, up to 20 Nov 2026, 17:30 (UTC)`."""
    window = evaluation.window
    days = language.days(window.first_day, window.last_day)
    zone = language.zone(window.zone)
    if language.clock is not None and str(language.clock) != str(window.zone):
        zone = language.text("%(zone)s; times: %(clock)s", zone=zone, clock=language.zone(language.clock))
    if evaluation.running:
        moment = language.moment(evaluation.as_of, window.zone)
        return language.text("%(days)s; so far, up to %(moment)s (%(zone)s)", days=days, moment=moment, zone=zone)
    return language.text("%(days)s (%(zone)s)", days=days, zone=zone)


def footnotes(evaluation: Evaluation, language: Language) -> tuple[str, ...]:
    """How the figures were counted."""
    notes = [
        language.text("A task that is linked counts once. Cancelled tasks are not counted; goals are not tasks."),
        language.text(
            "A goal is on track with a chance of 80% or more of being on time, off track below 25% or past its date,"
            " and at risk in between. Without a forecast, the share of tasks done is compared with the share of time"
            " gone."
        ),
    ]
    bases = {goal.forecast.basis for goal in evaluation.goals if goal.forecast is not None}
    if Basis.CYCLE in bases:
        notes.append(
            language.text(
                "Forecasts simulate all open work: how long tasks take, the pauses between them and what is in their"
                " way are drawn from what was seen. Leaves count, and as many new tasks a week as came lately."
            )
        )
    if Basis.LEAD in bases:
        notes.append(
            language.text(
                "Too few tasks have a recorded start, so forecasts use how many tasks the team finished in each of the"
                " last twelve weeks. New tasks are assumed to keep coming at the recent rate, which makes dates later."
            )
        )
    if evaluation.loads:
        notes.append(
            language.text(
                "A task with two owners counts for both. Load is what is in hand, not what somebody is worth."
            )
        )
    if any(load.ratio is not None for load in evaluation.loads):
        notes.append(
            language.text(
                "The load of a person is the greater of two: tasks in progress of those they can take on, and hours"
                " left of what is due of the hours they work, both in the seven days after, leaves taken off."
                " No load is guessed."
            )
        )
    if any(not goal.start_declared for goal in evaluation.goals):
        notes.append(language.text("Where a goal has no start date, the day it was created is taken."))
    if evaluation.withheld:
        notes.append(
            language.plural(
                "%(n)s task with restricted visibility is counted and not named.",
                "%(n)s tasks with restricted visibility are counted and not named.",
                evaluation.withheld,
            )
        )
    return tuple(notes)


# --- the sync


def completeness(evaluation: Evaluation, language: Language, reader: Reader = Reader.MANAGER) -> str:
    """How far the data reaches, why no farther, and what helps: the first line of every report, and told nowhere else.

    A client is told no reasons.
    """
    zone = evaluation.window.zone
    if reader is Reader.CLIENT:
        return _complete_for_client(evaluation, language)
    if evaluation.complete_to is None:
        unread = tuple(_how(pair, language) for pair in evaluation.pairs if pair.complete_to is None)
        if not unread:
            return language.text("Data incomplete: no pair was ever read.")
        said = language.text("Data incomplete, never read to the end: %(pairs)s.", pairs=language.listing(unread))
        return language.sentences(said, _why(evaluation, language) or language.text("Run: syncer sync"))
    moment = language.moment(evaluation.complete_to, zone)
    failed = tuple(_how(pair, language) for pair in evaluation.pairs if not pair.healthy)
    if failed:
        said = language.text(
            "Data only up to %(moment)s: the last run of %(pairs)s did not finish.",
            moment=moment,
            pairs=language.listing(failed),
        )
        return language.sentences(said, _why(evaluation, language), _unscheduled(evaluation, language))
    if not evaluation.complete:
        said = language.text("Data only up to %(moment)s: nothing has been read since.", moment=moment)
        return language.sentences(said, _unscheduled(evaluation, language))
    read = language.plural("%(n)s pair read", "%(n)s pairs read", len(evaluation.pairs))
    return language.text("Data complete to %(moment)s: %(read)s on both sides.", moment=moment, read=read)


def _why(evaluation: Evaluation, language: Language) -> str:
    """What the runs that did not finish said, which is English."""
    said = (pair.message for pair in evaluation.pairs if not pair.healthy and pair.last_run is not None)
    return language.sentences(*dict.fromkeys(said)) if language.code == "en" else ""


def _unscheduled(evaluation: Evaluation, language: Language) -> str:
    """Which pairs nobody seems to run; empty where there are none."""
    still = tuple(
        pair.name
        for pair in evaluation.pairs
        if pair.healthy and pair.complete_to is not None and evaluation.as_of - pair.complete_to > STALE_AFTER
    )
    return language.text("Check that the schedule of %(pairs)s runs.", pairs=language.listing(still)) if still else ""


def _complete_for_client(evaluation: Evaluation, language: Language) -> str:
    if evaluation.complete_to is None:
        return language.text("Data incomplete.")
    moment = language.moment(evaluation.complete_to, evaluation.window.zone)
    if not evaluation.complete:
        return language.text("Data only up to %(moment)s.", moment=moment)
    return language.text("Data complete to %(moment)s.", moment=moment)


def _how(pair: PairReport, language: Language) -> str:
    """A pair, and how its last run ended."""
    ended = language.text("never run") if pair.last_run is None else outcome(pair.last_outcome, language)
    return language.aside(pair.name, ended)


def pair_sentence(pair: PairReport, evaluation: Evaluation, language: Language) -> str:
    """How the sync of a pair did."""
    zone = evaluation.window.zone
    if pair.last_run is None:
        return language.text("Pair %(pair)s: never run.", pair=pair.name)
    when = language.moment(pair.last_run, zone)
    if not pair.healthy:
        words = language.text(
            "Pair %(pair)s: the run of %(when)s did not finish (%(outcome)s).",
            pair=pair.name, when=when, outcome=outcome(pair.last_outcome, language),
        )  # fmt: skip
        # The words of a run are English.
        return language.sentences(words, pair.message if language.code == "en" else "")
    if pair.watches:
        return language.text(
            "Pair %(pair)s: both sides are only watched, nothing is written; last read %(when)s.",
            pair=pair.name,
            when=when,
        )
    linked = language.plural("%(n)s linked task", "%(n)s linked tasks", pair.linked_tasks)
    words = language.text(
        "Pair %(pair)s: %(linked)s; last run %(when)s, %(outcome)s.",
        pair=pair.name, linked=linked, when=when, outcome=outcome(pair.last_outcome, language),
    )  # fmt: skip
    if pair.unsettled_writes:
        unsettled = language.plural(
            "%(n)s write waits for its outcome to be read.", "%(n)s writes wait for their outcome to be read.",
            pair.unsettled_writes,
        )  # fmt: skip
        return language.sentences(words, unsettled)
    return words


def outcome(value: str, language: Language) -> str:
    """How a run ended."""
    known = {
        "clean": language.text("both sides in step"),
        "held": language.text("in step, except for what waits for a person"),
        "partial": language.text("some items will be retried"),
        "refused": language.text("refused by a guard, needs a person"),
        "denied": language.text("credentials or permissions"),
        "budget": language.text("stopped by the rate budget, resumes by itself"),
        "busy": language.text("another run was at work"),
        "failed": language.text("failed unexpectedly"),
        "interrupted": language.text("interrupted"),
        "": language.text("still running"),
    }
    return known.get(value, value)


def steering(said: Steering, zone: tzinfo, language: Language) -> str:
    """Who asked that an item is paused or apart, when, until when and why."""
    since = language.moment(said.since, zone)
    if said.apart:
        text = language.text("Unlinked since %(since)s; both sides stay as they are.", since=since)
    elif said.label:
        text = language.text("Paused by the label “%(label)s” since %(since)s.", label=said.label, since=since)
    elif said.until is not None:
        until = language.moment(said.until, zone)
        text = language.text("Paused since %(since)s, until %(until)s.", since=since, until=until)
    else:
        text = language.text("Paused since %(since)s.", since=since)
    who = language.text("By %(who)s.", who=said.by) if said.by else ""
    return language.sentences(text, who, said.why)
