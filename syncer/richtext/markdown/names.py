"""What a tracker calls people and tasks in the midst of Markdown, which Markdown itself does not say."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.richtext import Mark, Run


class Names:
    """How names are found in text, typed and made harmless. As it stands: text is text, and a person or task a link."""

    def found(self, text: str, marks: frozenset[Mark]) -> Iterator[Run]:
        """The runs of text outside of links and code: mentions, references, and what stands between them."""
        yield Run(text, marks=marks)

    def typed(self, run: Run) -> str:
        """A mention or reference as people type it, so that it is read as one; empty where only a link can be."""
        del run
        return ""

    def harmless(self, text: str, *, before_more: bool = False) -> str:
        """Text that notifies nobody and closes nothing; `before_more` when a link or reference may follow it."""
        del before_more
        return text

    def closes(self, text: str) -> bool:
        """Whether a task that is named right behind this text is closed by it, some day."""
        del text
        return False

    def quiet(self, address: str) -> str:
        """The address under which a link leads to the same page and leaves no trace there."""
        return address

    def presumed(self, run: Run) -> str:
        """See `syncer.richtext.markup.Presuming`."""
        del run
        return ""
