"""The weekly report on its way: mailed to its recipients, and posted in trackers as `[[report.posts]]` say.

What cannot be done now waits: `send_waiting` and `post_late` try it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from syncer.app.reporting import WEEKLY, Reporting, readers
from syncer.app.wiring import build_rules
from syncer.contract.model import Audience, Side
from syncer.core.audience import of_scope
from syncer.publish import mail
from syncer.publish.post import Post, Posted, PostOutcome, post
from syncer.report import build_report
from syncer.report.model.evaluation import Evaluation
from syncer.settings import PostSettings, Settings
from syncer.store import MailState, Store
from syncer.sync.context import PairContext

Sleep = Callable[[float], None]

OpenPairs = Callable[[], AbstractContextManager[Sequence[PairContext]]]
"""Opens the pairs of the configuration, and closes them at the end."""


@dataclass(frozen=True, slots=True)
class Voice:
    """To whom it is said what becomes of a report."""

    say: Callable[[str], None]
    """What somebody should know."""
    remark: Callable[[str], None]
    """That all is well, for who is watching."""


# --- mail


def deliver(reporting: Reporting, week: str, voice: Voice, sleep: Sleep | None = None, *, again: bool = False) -> bool:
    """Mails the report to everybody who did not get it yet, each in their edition; whether all have it.

    `again` sends it to everybody, whoever has it. Without mail in the configuration, nobody has it.
    """
    settings, store = reporting.settings, reporting.store
    if settings.mail is None:
        return False
    for address in settings.report.doubled():
        voice.remark(f"{address} stands in recipients more than once: one mail is sent.")
    renew = [MailState.FAILED, *((MailState.SENT, MailState.AGAIN) if again else ())]
    before = mail.queue(store, WEEKLY, week, readers(settings), reporting.clock(), renew)
    result = mail.deliver(store, settings.mail, reporting.compose, reporting.clock, sleep)
    for recipient in before:
        if recipient not in {*result.sent, *result.again, *result.failed, *result.waiting, *result.in_doubt}:
            voice.remark(f"{recipient} has the report of {week} already; --again sends it once more.")
    return _say_what_was_delivered(result, voice)


def send_waiting(reporting: Reporting, voice: Voice) -> None:
    """Sends what waits in the outbox: what a server refused for the time being, and once what is in doubt."""
    if reporting.settings.mail is not None:
        result = mail.deliver(reporting.store, reporting.settings.mail, reporting.compose, reporting.clock)
        _say_what_was_delivered(result, voice)


def _say_what_was_delivered(result: mail.Delivered, voice: Voice) -> bool:
    """Says what became of the messages; whether all arrived."""
    for recipient in result.sent:
        voice.remark(f"Sent to {recipient}.")
    for recipient in result.again:
        voice.say(f"Sent to {recipient} a second time: nobody knows whether the first message arrived.")
    for recipient in result.dropped:
        voice.remark(f"{recipient} is no recipient any more: what waited was not sent.")
    unsent = (("refused", result.failed), ("not yet sent", result.waiting), ("in doubt", result.in_doubt))
    for word, reasons in unsent:
        for recipient, reason in reasons.items():
            voice.say(f"{recipient}: {word}: {reason}")
    if result.failed:
        voice.say("What was refused is sent again by: syncer report --send")
    return not (result.failed or result.waiting or result.in_doubt)


# --- posts


def post_report(
    reporting: Reporting,
    week: Evaluation,
    open_pairs: OpenPairs,
    voice: Voice,
    sleep: Sleep,
    *,
    waits: Sequence[float] = (),
    tables: Sequence[PostSettings] | None = None,
) -> bool:
    """Brings every post up to date and says what became of it; whether all are.

    What cannot be done now is tried again after each of `waits`, and then waits for `post_late`, as mail does.
    """
    due = list(reporting.settings.report.posts if tables is None else tables)
    if not due:
        return True
    done = _attempt(reporting, week, due, open_pairs)
    for wait in waits:
        late = [table for table in due if done[table.name].outcome is PostOutcome.WAITING]
        if not late:
            break
        sleep(wait)
        done |= _attempt(reporting, week, late, open_pairs)
    settled = [_settled(reporting, week, name, posted, voice) for name, posted in done.items()]
    return all(settled)


def post_late(reporting: Reporting, open_pairs: OpenPairs, voice: Voice, sleep: Sleep) -> None:
    """Tries again the posts that are late; those that the configuration does not name any more are forgotten."""
    tables = {table.name: table for table in reporting.settings.report.posts}
    for late in reporting.store.outbox.late_posts():
        if late.name not in tables:
            reporting.store.outbox.post_settled(late.name)
            continue
        week = reporting.evaluate(late.week)
        post_report(reporting, week, open_pairs, voice, sleep, tables=[tables[late.name]])


def _attempt(
    reporting: Reporting, week: Evaluation, tables: Sequence[PostSettings], open_pairs: OpenPairs
) -> dict[str, Posted]:
    audience = least_audience(reporting.settings, reporting.store)
    with open_pairs() as contexts:
        pairs = {context.name: context for context in contexts}
        return {table.name: post(pairs[table.pair], _wanted(table, week, audience)) for table in tables}


def _settled(reporting: Reporting, week: Evaluation, name: str, posted: Posted, voice: Voice) -> bool:
    """Says what became of one post, and keeps in mind whether it is late; whether it is up to date."""
    line = f"Post {name}: {posted.outcome}: {posted.told}"
    if posted.outcome is PostOutcome.WAITING:
        reporting.store.outbox.post_late(name, week.window.label, reporting.clock(), posted.told)
        voice.say(f"{line}; the daemon, or the next syncer report --send, tries again")
        return False
    reporting.store.outbox.post_settled(name)
    (voice.say if posted.outcome is PostOutcome.REFUSED else voice.remark)(line)
    return posted.outcome is not PostOutcome.REFUSED


def least_audience(settings: Settings, store: Store) -> Audience:
    """Who may read every scope the report is made from; unknown counts as nobody."""
    found = []
    for pair in settings.pairs:
        rules = build_rules(settings, pair)
        for side in Side:
            state = store.pairs.side(pair.name, side)
            found.append(Audience.RESTRICTED if state is None else of_scope(rules, side, state.audience))
    return min(found)


def _wanted(table: PostSettings, week: Evaluation, audience: Audience) -> Post:
    report = build_report(week, language=table.language, audience=table.audience)
    return Post(
        name=table.name, side=Side(table.side), on=table.on, title=report.content.title, text=report.posted,
        readers=audience, publish=table.publish,
    )  # fmt: skip
