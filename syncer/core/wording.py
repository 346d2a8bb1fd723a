"""Whether two texts hold the same words, however they are marked up.

Both sides of a link agreed as an older version read them. A newer one reads more in the same sources: a table where
there was a line of HTML, a smile where there was `:)`. Nobody edited anything, so both still agree as long as their
words do: letters and digits in order, without what one of the readings shows by other means (emoji and their names,
tags, what a placeholder stood for).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from syncer.richtext import map_runs
from syncer.richtext.document import Document, Run, RunKind, plain_run, plain_text

READING = 2
"""Rises when our readers read something else in the same sources than before."""

_UNSHOWN = re.compile(r"\[Jira: [^\]\n]*\]|^\[\^[^\]\n]+\]:.*$", re.MULTILINE)
"""Where older versions showed nothing but a placeholder, or nothing: the other side may say anything there."""
_BESIDE_WORDS = re.compile(
    r":[a-z0-9_+-]+:|\((?:[/xiyn!?+*-]|\*[rgby]|on|off|flag|flagoff)\)|[:;][DPp](?![A-Za-z0-9])|</?[A-Za-z][^<>\n]*>"
)
"""What stands for an emoji, and tags of HTML."""
_NO_WORD = re.compile(r"[^\w\x00]+|_+")
_GAP = "\x00"


def same_words(left: Document, right: Document, shown: Callable[[Run], str]) -> bool:
    """Whether two documents hold the same words; `shown` gives the name by which both know a mention or reference."""
    one, other = _words(left, shown), _words(right, shown)
    if _GAP in other:
        return _fits(other, one.replace(_GAP, ""))
    return _fits(one, other)


def _fits(words: str, whole: str) -> bool:
    """Whether `whole` is `words` with anything in place of its gaps."""
    first, *more = words.split(_GAP)
    if not more:
        return words == whole
    at = len(first)
    if not whole.startswith(first) or not whole.endswith(more[-1]) or len(whole) < at + len(more[-1]):
        return False
    for piece in more[:-1]:
        at = whole.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return at <= len(whole) - len(more[-1])


def _words(document: Document, shown: Callable[[Run], str]) -> str:
    def worded(run: Run) -> Run:
        if run.kind in {RunKind.MENTION, RunKind.REFERENCE}:
            return Run(f" {shown(run)} ")
        return Run(f" {plain_run(run)} ") if run.kind is RunKind.IMAGE else run

    text = html.unescape(plain_text(map_runs(document, worded)))
    return _NO_WORD.sub("", _BESIDE_WORDS.sub("", _UNSHOWN.sub(_GAP, text))).casefold()
