"""The canonical document: rich text as blocks and runs, free of any tracker's markup.

`syncer.richtext.markdown` and `syncer.richtext.plain` read and write the texts of several trackers; other readers and
writers live beside their connectors. Two documents say the same if and only if their digests are equal. Nothing here
knows a pair: mentions and references are absolute (a profile page, an issue's page), and `syncer.core` exchanges them
for the partner's when text is carried across.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncer.richtext.canonical import VERSION, digest, essence, normalise, same
from syncer.richtext.document import (
    DRAWN_RULE,
    LINE_BREAK,
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    children,
    map_block,
    partly_unread,
    plain_run,
    plain_text,
    runs_of,
)

__all__ = [
    "DRAWN_RULE",
    "LINE_BREAK",
    "VERSION",
    "Block",
    "Cell",
    "CodeBlock",
    "Document",
    "Expand",
    "Heading",
    "ListBlock",
    "ListItem",
    "Mark",
    "Opaque",
    "Panel",
    "Paragraph",
    "Quote",
    "Rule",
    "Run",
    "RunKind",
    "Table",
    "children",
    "digest",
    "essence",
    "map_block",
    "map_runs",
    "normalise",
    "partly_unread",
    "plain_run",
    "plain_text",
    "runs_of",
    "same",
]


def map_runs(document: Document, function: Callable[[Run], Run | Sequence[Run]]) -> Document:
    """The document, normalised, with every run replaced by what `function` returns for it: one, several or none."""

    def exchange(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        changed: list[Run] = []
        for run in runs:
            result = function(run)
            changed.extend((result,) if isinstance(result, Run) else result)
        return tuple(changed)

    return normalise(Document(tuple(map_block(block, exchange) for block in document.blocks)))
