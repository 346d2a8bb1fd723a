"""Whether two texts hold the same words, however they are marked up.

Both sides of a link agreed as an older version read them. A newer one reads more in the same sources: a table where
there was a line of HTML, a smile where there was `:)`. Nobody edited anything, so both still agree as long as their
words do: letters and digits in order, without what one of the readings shows by other means (pictures, references,
emoji and their names, placeholders).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from syncer.contract.document import Block, Document, Opaque, Run, RunKind, plain_run, plain_text
from syncer.contract.text import map_runs

_BESIDE_WORDS = re.compile(
    r"\[Jira: [^\]]*\]|:[a-z0-9_+-]+:|\((?:[/xiyn!?+*-]|\*[rgby]|on|off|flag|flagoff)\)|[:;][DPp](?![A-Za-z0-9])"
)
"""Placeholders, and what stands for an emoji."""
_NO_WORD = re.compile(r"[\W_]+")


def same_words(left: Document, right: Document, shown: Callable[[Run], str]) -> bool:
    """Whether two documents hold the same words; `shown` gives the name by which both know a mention or reference."""
    return _words(left, shown) == _words(right, shown)


def _words(document: Document, shown: Callable[[Run], str]) -> str:
    def worded(run: Run) -> Run:
        if run.kind in {RunKind.MENTION, RunKind.REFERENCE}:
            return Run(f" {shown(run)} ")
        return Run(f" {plain_run(run)} ") if run.kind is RunKind.IMAGE else run

    bare = map_runs(Document(tuple(_without_opaque(document.blocks))), worded)
    return _NO_WORD.sub("", _BESIDE_WORDS.sub("", html.unescape(plain_text(bare)))).casefold()


def _without_opaque(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if not isinstance(block, Opaque):
            yield block
        elif block.shown is not None:
            yield block.shown
