"""The report as mail: who gets which edition as the configuration is now, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from syncer.commands.exits import Exit
from syncer.commands.opening import now
from syncer.commands.output import remark, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from email.message import EmailMessage

    from syncer.publish.mail import Delivered
    from syncer.report import Report
    from syncer.report.model.evaluation import Evaluation
    from syncer.settings import RecipientSettings, Settings
    from syncer.store import Mail, Store

WEEKLY = "weekly"
"""The name of the report in the outbox."""


class Composer:
    """Makes the message of a week for a recipient, in the edition that the configuration names for them."""

    def __init__(self, settings: Settings, evaluate: Callable[[str], Evaluation], known: Sequence[Evaluation] = ()):
        self._settings = settings
        self._evaluate = evaluate
        self._weeks = {week.window.label: week for week in known}
        self._reports: dict[tuple[str, str, str], Report] = {}

    def __call__(self, due: Mail) -> EmailMessage | None:
        """The message; None for a recipient whom the configuration does not name, or another report."""
        reader = readers(self._settings).get(due.recipient)
        return self.message(due.week, reader) if due.report == WEEKLY and reader is not None else None

    def message(self, week: str, reader: RecipientSettings) -> EmailMessage:
        """The report of a week for one reader. Raises ValueError for a week there is none of."""
        from syncer.report.build import ATTACHED

        mail = self._settings.mail
        sender = mail.from_ if mail is not None else "syncer <syncer@localhost>"
        wish = mail.unsubscribe if mail is not None else None
        attach = ATTACHED if mail is None else mail.attach
        return self.report(week, reader).message(reader.address, sender, wish or sender, attach)

    def report(self, week: str, reader: RecipientSettings | None = None) -> Report:
        """The report of a week as the settings want it, or as one reader does."""
        from syncer.report import build_report

        usual = self._settings.report
        language = (reader and reader.language) or usual.language
        audience = (reader and reader.audience) or usual.audience
        if week not in self._weeks:
            self._weeks[week] = self._evaluate(week)
        wanted = (week, language, audience)
        if wanted not in self._reports:
            self._reports[wanted] = build_report(self._weeks[week], language=language, audience=audience)
        return self._reports[wanted]


def readers(settings: Settings) -> Mapping[str, RecipientSettings]:
    """The recipients by their address in small letters: of an address that stands there twice, the first."""
    from syncer.settings import specification

    found: dict[str, RecipientSettings] = {}
    for one in settings.report.recipients:
        found.setdefault(specification(one.address).casefold(), one)
    return found


def doubled(settings: Settings) -> list[str]:
    """The addresses that stand more than once among the recipients, in small letters."""
    from syncer.settings import specification

    counts = Counter(specification(one.address).casefold() for one in settings.report.recipients)
    return [address for address, count in counts.items() if count > 1]


def deliver(
    settings: Settings,
    store: Store,
    composer: Composer,
    week: str,
    sleep: Callable[[float], None] | None = None,
    *,
    again: bool = False,
) -> Exit:
    """Mails the report to everybody who did not get it yet, each in their edition; says what became of it.

    `again` sends it to everybody, whoever has it.
    """
    from syncer.publish import mail as delivery
    from syncer.store import MailState

    if settings.mail is None:
        return Exit.USAGE
    for address in doubled(settings):
        remark(f"{address} stands in recipients more than once: one mail is sent.")
    renew = [MailState.FAILED, *((MailState.SENT, MailState.AGAIN) if again else ())]
    before = delivery.queue(store, WEEKLY, week, readers(settings), now(), renew)
    result = delivery.deliver(store, settings.mail, composer, now, sleep)
    for recipient in before:
        if recipient not in {*result.sent, *result.again, *result.failed, *result.waiting, *result.in_doubt}:
            remark(f"{recipient} has the report of {week} already; --again sends it once more.")
    return tell_delivered(result)


def send_waiting(settings: Settings, store: Store, composer: Composer) -> None:
    """Sends what waits in the outbox: what a server refused for the time being, and once what is in doubt."""
    from syncer.publish import mail as delivery

    if settings.mail is not None:
        tell_delivered(delivery.deliver(store, settings.mail, composer, now))


def tell_delivered(result: Delivered) -> Exit:
    """Says what became of the messages; how the command ends."""
    for recipient in result.sent:
        remark(f"Sent to {recipient}.")
    for recipient in result.again:
        say(f"Sent to {recipient} a second time: nobody knows whether the first message arrived.")
    for recipient in result.dropped:
        remark(f"{recipient} is no recipient any more: what waited was not sent.")
    for word, told in (("refused", result.failed), ("not yet sent", result.waiting), ("in doubt", result.in_doubt)):
        for recipient, reason in told.items():
            say(f"{recipient}: {word}: {reason}")
    if result.failed:
        say("What was refused is sent again by: syncer report --send")
    return Exit.RETRY if result.failed or result.waiting or result.in_doubt else Exit.DONE
