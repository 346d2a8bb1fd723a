"""The week for a chat: how each question stands and what is to be decided, by whom and until when. No markup."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.report.render.content import ReportContent
from syncer.report.render.mail import short_state
from syncer.report.render.phrases.notices import Notice, decided_by

MOST_DECISIONS = 10
"""So many decisions are told; of the others only how many there are."""


def chat(content: ReportContent) -> tuple[str, str]:
    """Title and text of the message."""
    return f"{content.title} · {short_state(content)}", "\n".join(_lines(content))


def _lines(content: ReportContent) -> Iterator[str]:
    language = content.language
    if not content.evaluation.complete:
        yield content.completeness
    for row in content.answers:
        yield f"[{row.word}] {row.question} {row.sentence}"
    yield ""
    yield content.asks
    for number, notice in enumerate(content.notices[:MOST_DECISIONS], 1):
        yield f"{number}. {_said(notice, content)}" if notice.counts == 1 else notice.text
    if not content.notices:
        yield language.text("Nothing this week.")
    if (more := len(content.notices) - MOST_DECISIONS) > 0:
        yield language.text("and %(n)s more, in the full report", n=more)


def _said(notice: Notice, content: ReportContent) -> str:
    keys = f" [{', '.join(place.key for place in notice.places)}]" if notice.places else ""
    return " ".join(part for part in (notice.text + keys, decided_by(notice, content.language)) if part)
