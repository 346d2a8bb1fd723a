"""The weekly report on its way: mailed to its recipients, and posted in trackers as `[[report.posts]]` say.

What cannot be done now waits: `send_waiting` and `post_late` try it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from syncer.app.readers import least_audience
from syncer.app.reporting import Reporting, readers
from syncer.contract.model import Audience, Side
from syncer.publish import channel, mail
from syncer.publish.post import Post, Posted, PostOutcome, post
from syncer.report import build_report
from syncer.report.model.evaluation import Evaluation
from syncer.settings import PostSettings
from syncer.store import Mail, MailState
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
    before = mail.queue(store, mail.WEEKLY, week, readers(settings), reporting.clock(), renew)
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


# --- chats

IN_CHATS = "weekly in chats"
"""The name of what is told in chats in the outbox."""
_NOTHING_IN_DOUBT = datetime(1970, 1, 1, tzinfo=UTC)
"""What may have been told already is never claimed again: nobody is told the same twice."""


def tell_chats(reporting: Reporting, week: str, voice: Voice, *, again: bool = False) -> bool:
    """Tells every channel of `[report]` the week in short that was not told yet; whether all were.

    `again` tells it to all, whoever has it, and to those of whom nobody knows it.
    """
    outbox = reporting.store.outbox
    renew = [MailState.FAILED, *((MailState.SENT, MailState.SENDING, MailState.AGAIN) if again else ())]
    for late in outbox.mails([MailState.NEW], IN_CHATS):
        if late.week < week:  # a chat wants the week that was, and no other beside it
            outbox.drop(late.id)
    for table in reporting.settings.report.channels:
        if not outbox.add(IN_CHATS, week, table.channel, reporting.clock(), renew):
            voice.remark(f"channel {table.channel} has the report of {week} already, or waits for it.")
    return tell_waiting(reporting, voice)


def tell_waiting(reporting: Reporting, voice: Voice) -> bool:
    """Tells the channels that wait; whether none waits any more. A channel delays it by no more than its timeout."""
    outbox, clock, all_well = reporting.store.outbox, reporting.clock, True
    due: list[tuple[Mail, channel.Sending]] = []
    while (one := outbox.claim(clock(), _NOTHING_IN_DOUBT, IN_CHATS)) is not None:
        sending = _to_chat(reporting, one) if one.state is MailState.SENDING else None
        if isinstance(sending, channel.Sending):
            due.append((one, sending))
        elif sending is None:
            outbox.drop(one.id)
        else:
            all_well = False
            outbox.mark(one.id, MailState.FAILED, clock(), sending)
            voice.say(f"channel {one.recipient}: not told: {sending}")
    channel.deliver([sending for _, sending in due])
    for one, sending in due:
        _said_of_chat(reporting, one, sending.outcome, voice)
    return all_well and all(sending.outcome == "" for _, sending in due)


def _to_chat(reporting: Reporting, due: Mail) -> channel.Sending | str | None:
    """The message to a channel, or why there is none; None for a channel that is not to be told any more."""
    settings = reporting.settings
    table = next((one for one in settings.report.channels if one.channel.casefold() == due.recipient), None)
    if table is None:
        return None
    place = settings.channels[table.channel]
    if place.readers > least_audience(settings, reporting.store):
        return (
            "more people read it than may read what the report tells of; if that is not so, set its `audience`"
            " in [[channels]]"
        )
    language = table.language or settings.report.language
    try:
        week = reporting.evaluate(due.week)
    except ValueError as error:
        return str(error)
    title, body = build_report(week, language=language, audience=table.audience).chat
    send = partial(channel.to_channel, place.url.get_secret_value(), title, body)
    return channel.Sending(table.channel, place.timeout.total_seconds(), send)


def _said_of_chat(reporting: Reporting, due: Mail, outcome: str | None, voice: Voice) -> None:
    """Keeps what became of a message, and says it. Without an outcome nobody knows: it is not sent again by itself."""
    outbox, now = reporting.store.outbox, reporting.clock()
    if outcome is None:
        outbox.mark(due.id, MailState.SENDING, now, "no answer in time")
        voice.say(f"channel {due.recipient}: no answer in time, so that nobody knows whether it was told;"
                  " syncer report --send --again tells it once more")  # fmt: skip
    elif outcome:
        outbox.mark(due.id, MailState.NEW, now, outcome)
        later = "the daemon, or the next syncer report --send, tries again"
        voice.say(f"channel {due.recipient}: not told: {outcome}; {later}")
    else:
        outbox.mark(due.id, MailState.SENT, now)
        voice.remark(f"Told channel {due.recipient}.")


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


def _wanted(table: PostSettings, week: Evaluation, audience: Audience) -> Post:
    report = build_report(week, language=table.language, audience=table.audience)
    return Post(
        name=table.name, side=Side(table.side), on=table.on, title=report.content.title, text=report.posted,
        readers=audience, publish=table.publish,
    )  # fmt: skip
