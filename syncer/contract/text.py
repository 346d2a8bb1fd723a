"""The canonical document: rich text as blocks and runs, free of any tracker's markup.

Readers and writers live beside their connectors (`connectors.github.markdown`, `connectors.jira.adf`,
`connectors.jira.wiki`). Two documents say the same if and only if their digests are equal. Nothing here knows a pair:
mentions and references are absolute (a profile page, an issue's page), and `syncer.core` exchanges them for the
partner's when text is carried across.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VERSION = 1
"""Of the canonical form. Digests of different versions are never compared: they are recomputed from the stored source."""


class Mark(StrEnum):
    """Formatting of a run."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    STRIKE = "strike"
    UNDERLINE = "underline"
    SUBSCRIPT = "subscript"
    SUPERSCRIPT = "superscript"


class RunKind(StrEnum):
    """What a run is."""

    TEXT = "text"
    CODE = "code"
    BREAK = "break"
    MENTION = "mention"
    """A person. `target` is the profile page, `text` the display name or login."""
    REFERENCE = "reference"
    """A task of a tracker. `target` is the page of the task, `text` its key as shown."""
    IMAGE = "image"
    """`target` is the address (or the attachment's name, without `/`), `text` the alternative."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of inline content with one kind and one set of marks."""

    text: str
    kind: RunKind = RunKind.TEXT
    marks: frozenset[Mark] = frozenset()
    link: str = ""
    """Address a text, code or image run links to."""
    target: str = ""
    """See `RunKind`."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs of text; a newline inside is a run of kind BREAK."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Preformatted text, without its final newline; `language` is lower case, empty when none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted blocks."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """Blocks of one item; `checked` is None unless it is a task."""

    blocks: tuple[Block, ...]
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; an ordered one starts at `start`."""

    items: tuple[ListItem, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell."""

    blocks: tuple[Block, ...]
    header: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A coloured box: `kind` is one of note, info, tip, warning, caution."""

    kind: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """A section that opens on a click."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something only its own tracker understands (a macro, a layout, an extension): shown elsewhere as one line `label`."""

    label: str
    source: str = ""


Block = Paragraph | Heading | CodeBlock | Quote | ListBlock | Table | Panel | Expand | Rule | Opaque


@dataclass(frozen=True, slots=True)
class Document:
    """A whole body: its blocks, in order."""

    blocks: tuple[Block, ...] = ()
