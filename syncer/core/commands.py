"""Commands that people write in comments: what a comment says, and whether it counts. Pure.

Nothing in a comment is ever obeyed but one of these words, alone in its first line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncer.contract.model import Field, Observed, Ref, Side
from syncer.core.rules import Command
from syncer.richtext import Document, Paragraph, RunKind

AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20
"""So many commands of one person are looked at in an hour; further ones are not even answered."""
OLDEST = timedelta(days=7)
"""A command that was not read for so long (the sync stood still, its task came into view later) is no wish any more."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command as a comment says it."""

    command: Command
    side: Side | None = None
    """Whose value stands, of a `take`."""
    chinese: bool = False
    """In which language it is said, and answered."""


WORDS: Mapping[str, Spoken] = {
    "/pause": Spoken(Command.PAUSE),
    "/resume": Spoken(Command.RESUME),
    "/retry": Spoken(Command.RETRY),
    "/resync": Spoken(Command.RESYNC),
    "/take left": Spoken(Command.TAKE, Side.LEFT),
    "/take right": Spoken(Command.TAKE, Side.RIGHT),
    "/暂停": Spoken(Command.PAUSE, chinese=True),
    "/恢复": Spoken(Command.RESUME, chinese=True),
    "/重试": Spoken(Command.RETRY, chinese=True),
    "/重新读取": Spoken(Command.RESYNC, chinese=True),
    "/采用左侧": Spoken(Command.TAKE, Side.LEFT, chinese=True),
    "/采用右侧": Spoken(Command.TAKE, Side.RIGHT, chinese=True),
}
"""Each word by which something is said, in small letters."""


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    CUT_OFF = "cut off"
    """The run that took it ended before it was done: whoever wants it says it again."""
    TOO_MANY = "too many"
    NOT_ALLOWED = "not allowed"
    NO_PERMISSION = "no permission"
    """The tracker lets its author not write there."""
    PERMISSION_UNKNOWN = "permission unknown"
    NOT_PAUSED = "not paused"
    STILL_PAUSED = "still paused"
    """A label pauses it, or it was unlinked: no command in a comment ends that."""
    NOTHING_REFUSED = "nothing refused"
    REFUSED_AGAIN = "refused again"
    NOT_READ = "not read"
    NO_CONFLICT = "no conflict"
    """None that was shown in a comment waits for a decision."""


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A comment that was taken for a command. Each comment counts once, whatever becomes of it."""

    side: Side
    ref: Ref
    task: Ref
    said: str
    """A key of `WORDS`."""
    by: str
    """What the configuration calls its author."""
    at: datetime
    """When it was taken, by our clock."""
    alone: bool
    """The comment says nothing else: it is said to syncer and to nobody on the other side."""
    outcome: Outcome | None = None
    """What became of it; None while that is not known."""
    answered: bool = False
    """Whether its answer was given, or none is."""
    permitted_at: datetime | None = None
    """When the tracker said that its author may write there."""

    @property
    def spoken(self) -> Spoken:
        """What it says."""
        return WORDS[self.said]

    @property
    def obeyed(self) -> bool:
        """Whether it was done."""
        return self.outcome is Outcome.DONE


def said_in(document: Document, source: str) -> str | None:
    """The key of `WORDS` that stands alone in the first line of a comment; None where none does.

    A heading, a list, a quote, code, a link or bold letters are none. `source` is what was typed: nothing that readers
    do not see may stand before the word or within it.
    """
    first = document.blocks[0] if document.blocks else None
    if not isinstance(first, Paragraph) or not first.runs:
        return None
    run, rest = first.runs[0], first.runs[1:]
    if run.kind is not RunKind.TEXT or run.marks or run.link or (rest and rest[0].kind is not RunKind.BREAK):
        return None
    word = _folded(run.text)
    return word if word in WORDS and _typed_so(source, run.text) else None


def says_nothing_else(document: Document) -> bool:
    """Whether a comment that begins with a command is that command alone."""
    first = document.blocks[0]
    return len(document.blocks) == 1 and isinstance(first, Paragraph) and len(first.runs) == 1


def _folded(text: str) -> str:
    """A word as `WORDS` has it: a solidus may be as wide as Chinese keyboards type it."""
    return text.strip(" ").casefold().replace("\uff0f", "/")


def _typed_so(source: str, text: str) -> bool:
    """Whether a source begins with the text itself; a structured one (ADF) holds it as a text of its own."""
    typed = source.lstrip(" \r\n")
    if typed.startswith("{"):
        return json.dumps(text, ensure_ascii=False) in typed or json.dumps(text) in typed
    return typed.partition("\n")[0].strip(" \r\t") == text.strip(" ")


@dataclass(frozen=True, slots=True)
class Heard:
    """What it depends on whether a comment counts as a command."""

    since: datetime
    """When the pair began to obey, by the tracker's clock."""
    now: datetime
    """By the tracker's clock."""
    ours: frozenset[str]
    """Our own accounts, by the ids that never change."""
    people: Mapping[str, str]
    """The names of those who are obeyed, by their accounts' ids that never change."""
    called: Mapping[str, str]
    """The same by what this state calls their accounts."""
    renamed: bool
    """Whether accounts of this tracker can be renamed, so that what people call them says nothing."""


def may_count(comment: Observed, heard: Heard) -> bool:
    """Whether a stored comment may count: written by somebody who is obeyed, and not edited since.

    An edited one counts for nothing: with enough rights somebody else may have written what stands there now.
    """
    if comment.author is None or comment.author.bot or comment.marker is not None or comment.hidden:
        return False
    fresh = heard.since < comment.created and heard.now - comment.created <= OLDEST
    return fresh and comment.created == comment.updated and comment.author.id in heard.called


def author_among(comment: Observed, heard: Heard) -> str | None:
    """Who of those who are obeyed wrote a comment as its tracker shows it now, by the id that never changes."""
    if comment.author is None or comment.created != comment.updated or comment.author.bot:
        return None
    native = comment.author.native if heard.renamed else comment.author.native or comment.author.id
    return None if native in heard.ours else heard.people.get(native)


def source_of(comment: Observed) -> str:
    """The text of a comment in its tracker's markup."""
    body = comment.showing.get(Field.BODY)
    return body if isinstance(body, str) else ""
