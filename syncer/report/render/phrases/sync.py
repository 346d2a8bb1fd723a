"""What is said of the sync: how far the data reaches, and how each pair did."""

from __future__ import annotations

from syncer.report.model.evaluation import Evaluation, PairReport
from syncer.report.render.language import Language


def completeness(evaluation: Evaluation, language: Language) -> str:
    """How far the data reaches: the first line of every report."""
    zone = evaluation.window.zone
    if evaluation.complete_to is None:
        unread = tuple(_how(pair, language) for pair in evaluation.pairs if pair.complete_to is None)
        if not unread:
            return language.text("Data incomplete: no pair was ever read.")
        return language.text("Data incomplete, never read to the end: %(pairs)s.", pairs=language.listing(unread))
    moment = language.moment(evaluation.complete_to, zone)
    failed = tuple(_how(pair, language) for pair in evaluation.pairs if not pair.healthy)
    if failed:
        return language.text(
            "Data complete to %(moment)s only: the last run of %(pairs)s did not finish.",
            moment=moment,
            pairs=language.listing(failed),
        )
    if not evaluation.complete:
        return language.text("Data complete to %(moment)s only: nothing has been read since.", moment=moment)
    read = language.plural("%(n)s pair read", "%(n)s pairs read", len(evaluation.pairs))
    return language.text("Data complete to %(moment)s: %(read)s on both sides.", moment=moment, read=read)


def _how(pair: PairReport, language: Language) -> str:
    """A pair, and how its last run ended."""
    ended = language.text("never run") if pair.last_run is None else outcome(pair.last_outcome, language)
    return language.aside(pair.name, ended)


def pair_sentence(pair: PairReport, evaluation: Evaluation, language: Language) -> str:
    """How the sync of a pair did."""
    zone = evaluation.window.zone
    if pair.last_run is None:
        return language.text("%(pair)s: never run.", pair=pair.name)
    when = language.moment(pair.last_run, zone)
    if not pair.healthy:
        words = language.text(
            "%(pair)s: the run of %(when)s did not finish (%(outcome)s).",
            pair=pair.name, when=when, outcome=outcome(pair.last_outcome, language),
        )  # fmt: skip
        return language.sentences(words, pair.message)
    linked = language.plural("%(n)s linked task", "%(n)s linked tasks", pair.linked_tasks)
    words = language.text(
        "%(pair)s: %(linked)s; last run %(when)s, %(outcome)s.",
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
        "clean": language.text("nothing left to carry"),
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
