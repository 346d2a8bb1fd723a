"""The mail: short, a text part as short, and HTML that Outlook, Gmail and a phone show alike.

Mail programs keep less than browsers do: no style sheets (Gmail drops some, so rules are copied onto elements), no SVG,
no grid, and Outlook lays out with Word. So: tables with widths, charts as coloured cells with words beside them,
nothing loaded from anywhere and no picture that somebody has to allow. Only colours for dark mode and widths for phones
stay in a style sheet. Gmail clips a message near 102 KB of HTML: it shows how the week stands, what needs a decision,
what changed, goals and advice, fewer goals until it is under `LIMIT`. The text part says the same; the whole report is
attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache, partial
from hashlib import blake2b
from importlib.resources import files

import css_inline
from markupsafe import Markup

from syncer.report.model.collaboration import Reader
from syncer.report.render.bars import COLOURS, goal_bars, spark
from syncer.report.render.content import ReportContent
from syncer.report.render.jinja import environment
from syncer.report.render.phrases.notices import decided_by
from syncer.report.render.plain import brief

LIMIT = 80 * 1024
"""Bytes of HTML."""

_GOALS_SHOWN = (20, 10, 5)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends a report to whom. All of it comes from the configuration, none from a tracker."""

    sender: str
    recipient: str
    domain: str = "syncer.invalid"
    """Right part of message ids; nobody needs to be able to reach it."""
    unsubscribe: str = ""
    """Where a wish to get no more reports goes: an address, or an https page that takes a POST."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the mail."""

    name: str
    type: str
    """`text/html`."""
    data: bytes


def mail_html(content: ReportContent, *, attached: bool = False) -> str:
    """The HTML part, under `LIMIT` bytes; `attached` says whether the whole page goes with it."""
    for most in _GOALS_SHOWN:
        html = _html(content, most, attached=attached)
        if len(html.encode()) <= LIMIT:
            return html
    return html


def message(content: ReportContent, envelope: Envelope, attachments: Sequence[Attachment] = ()) -> EmailMessage:
    """The message to one recipient: the same bytes for the same report and recipient.

    The id is made from collaboration, week, language and recipient, so that a second sending is recognised as the same
    message; weeks of one collaboration form a thread. Raises ValueError when an address is not one.
    """
    evaluation = content.evaluation
    identity = f"{evaluation.collaboration}\n{content.language.code}\n{envelope.recipient}"
    root = f"<{_fingerprint(identity)}@{envelope.domain}>"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address(envelope.sender)
    mail["To"] = address(envelope.recipient)
    mail["Subject"] = " ".join(f"{content.title} · {short_state(content)}".split())
    mail["Date"] = evaluation.generated_at
    mail["Message-ID"] = f"<{_fingerprint(identity, evaluation.window.label)}@{envelope.domain}>"
    mail["In-Reply-To"] = root
    mail["References"] = root
    mail["List-Id"] = f"<{_fingerprint(evaluation.collaboration)}.weekly.{envelope.domain}>"
    if envelope.unsubscribe:
        for name, value in _unsubscribing(envelope.unsubscribe):
            mail[name] = value
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    _fill(mail, content, attachments)
    mail["Content-Language"] = content.language.tag  # what sets the content takes all Content- headers away
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"={_fingerprint(identity, evaluation.window.label, 'boundary', str(number))}=")
    return mail


def _fill(mail: EmailMessage, content: ReportContent, attachments: Sequence[Attachment]) -> None:
    """Text, HTML, and files behind them."""
    encoding = "base64" if content.language.code == "zh" else "quoted-printable"
    mail.set_content(brief(content, attached=bool(attachments)), cte=encoding)
    mail.add_alternative(mail_html(content, attached=bool(attachments)), subtype="html", cte=encoding)
    for file in attachments:
        kind, _, subtype = file.type.partition("/")
        charset = {"charset": "utf-8"} if kind == "text" else None
        mail.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.name, params=charset)


def address(text: str) -> Address:
    """The mail address `name@host` or `Name <name@host>`. Raises ValueError when it is none, or is more than one."""
    if any(ord(character) < 32 for character in text):
        raise ValueError(f"{text!r} is not a mail address: it contains a control character")
    name, bracket, rest = text.strip().rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError(f"{text!r} is not a mail address: the closing > is missing")
    specification = rest.removesuffix(">").strip()
    local, at, host = specification.rpartition("@")
    if not (local and at and host) or any(sign in specification for sign in ',; "<>'):
        raise ValueError(f"{text!r} is not a mail address")
    return Address(display_name=name.strip().strip('"') if bracket else "", username=local, domain=host)


def _unsubscribing(wish: str) -> Iterator[tuple[str, str]]:
    """The headers of RFC 2369, and for a page those of RFC 8058: there one click is enough."""
    if wish.startswith("https://"):
        yield "List-Unsubscribe", f"<{wish}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    else:
        yield "List-Unsubscribe", f"<mailto:{address(wish).addr_spec}?subject=unsubscribe>"


def short_state(content: ReportContent) -> str:
    """What the subject says besides the week."""
    pressing = sum(notice.counts for notice in content.notices)
    if not content.evaluation.complete:
        return content.language.text("data incomplete")
    if content.reader is Reader.CLIENT:
        return (
            content.language.plural("%(n)s thing we need from you", "%(n)s things we need from you", pressing)
            if pressing
            else content.period
        )
    if not pressing:
        return content.language.text("nothing needs a decision")
    return content.language.plural("%(n)s thing to decide", "%(n)s things to decide", pressing)


def _html(content: ReportContent, most: int, *, attached: bool) -> str:
    rendered = (
        environment()
        .get_template("mail.html.j2")
        .render(
            content=content,
            t=content.language.text,
            number=content.language.number,
            colours=COLOURS,
            sparks=[spark(row.answer.trend.values) for row in content.answers],
            goal_bars=goal_bars(content.evaluation.goals[:most]),
            decided_by=partial(decided_by, language=content.language),
            most=most,
            attached=attached,
            style=Markup(_style("mail.css")),  # noqa: S704  # our own package data
            kept=Markup(_style("mail_kept.css")),  # noqa: S704  # our own package data
        )
    )
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False).inline(rendered)


@cache
def _style(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _fingerprint(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
