"""Reader and writer of one tracker's markup, as the engine sees them. Implementations are pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from syncer.richtext import Document, Run

NOBODY: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Written:
    """Source in a tracker's markup.

    `truncated` when blocks were left out to keep the limit: such text is never read back.
    """

    source: str
    truncated: bool = False


class Markup(Protocol):
    """One dialect of rich text, for one scope of one tracker."""

    def read(self, source: str) -> Document:
        """The canonical document of a source, normalised. Never raises: what cannot be parsed is plain text."""
        ...

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """Source that reads back as `document`.

        Nobody is notified but the people whose profile page is in `live`; every other mention becomes a link, every
        literal `@name`, `#12` or closing keyword is made harmless. Past the tracker's limit the text is cut at a block
        boundary with a note that it continues at the address `continued_at`.
        """
        ...

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """`source` with only those blocks replaced that differ from `document`.

        Byte for byte `source` when none does.
        """
        ...


@runtime_checkable
class Presuming(Protocol):
    """A markup in which a word may look like a mention and name nobody: `@media`."""

    def presumed(self, run: Run) -> str:
        """The name after the sign, where a mention may be no more than such a word; empty for any other run."""
        ...
