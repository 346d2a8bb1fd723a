"""Values of the store as people read them: safe one-line titles, readable fields, standings."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from syncer.contract.history import Aspect
from syncer.contract.model import Category, Field, Observed, Side, Status
from syncer.core.side_view import ViewValue, decode_view
from syncer.core.value_map import Term
from syncer.report.model.collaboration import Criterion
from syncer.report.model.timeline import Standing
from syncer.richtext import Block, Document, ListBlock, children, plain_text
from syncer.richtext.markup import Markup

Markups = Mapping[str, Mapping[Side, Markup]]
"""Who reads the texts of a pair, by its name and side; texts that nobody is named for are plain paragraphs."""

PLAIN: Markups = {}

LONGEST = 2_000
"""Characters of a value that are shown; a description can have 65,536."""

CANCELLED = frozenset(
    {
        "not_planned", "duplicate", "won't do", "won't fix", "wontfix", "declined", "rejected", "cannot reproduce",
        "cancelled", "canceled", "invalid", "obsolete", "incomplete",
    }
)  # fmt: skip
"""Reasons and status names that mean closed without being done."""

_ASKING = ("?", "？")

_KEPT_CONTROLS = frozenset("\n\t")
_DIRECTION_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """The text without control characters, direction overrides and lone surrogates: they disturb what is around."""
    return text if text.isprintable() else "".join(_printable(character) for character in text)


def one_line(text: str) -> str:
    """The text cleaned, on one line."""
    line = " ".join(clean(text).split())
    return text if text == line else line  # most are: the same text is not held twice


def title_of(item: Observed) -> str:
    """The title of an item, or its key when it has none."""
    title = item.showing.get(Field.TITLE)
    return (one_line(title) if isinstance(title, str) else "") or item.key


def standing_of(status: Status) -> Standing:
    """The standing a native status stands for."""
    match status.category:
        case Category.TODO:
            return Standing.TODO
        case Category.DOING:
            return Standing.DOING
        case Category.DONE:
            known = {(status.reason or "").casefold(), status.name.casefold()}
            return Standing.CANCELLED if known & CANCELLED else Standing.DONE


def readable(
    field: Aspect, encoded: Any, name: Callable[[str], str], markup: Markup | None = None, *, longest: int = LONGEST
) -> str:
    """A value of the conflict ledger as text, cut where it is longer than `longest`.

    `name` tells what a person, milestone or task is called by its id; `markup` reads the texts of the side, which
    without one stand as they are.
    """
    text = _text(field, decode_view(encoded), name, markup)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def criteria(document: Document) -> tuple[Criterion, ...]:
    """The items of the task lists in a text, in order."""
    return tuple(_checked_items(document.blocks))


def asks(source: str, markup: Markup) -> bool:
    """Whether a text ends with a question mark. One without any, which most are, is not taken apart."""
    if not any(sign in source for sign in _ASKING):
        return False
    return plain_text(markup.read(source)).rstrip().endswith(_ASKING)


def _text(field: Aspect, value: ViewValue, name: Callable[[str], str], markup: Markup | None) -> str:
    match value:
        case None:
            return ""
        case Term():
            return clean(str(value))
        case Status():
            return clean(value.name if value.reason is None else f"{value.name} ({value.reason})")
        case tuple():
            named = isinstance(field, Field) and (field in {Field.ASSIGNEES, Field.MILESTONES} or field.edges)
            return ", ".join(one_line(name(element) if named else element) for element in value)
        case str():
            words: dict[Aspect, Callable[[str], str]] = {
                Field.BODY: lambda source: source if markup is None else plain_text(markup.read(source)),
                Field.PARENT: name,
            }
            return clean(words.get(field, str)(value)).strip()
        case _:
            return value.isoformat() if isinstance(value, date) else f"{value:g}"


def _checked_items(blocks: Iterable[Block]) -> Iterator[Criterion]:
    for block in blocks:
        if not isinstance(block, ListBlock):
            for inner in children(block):
                yield from _checked_items(inner)
            continue
        for item in block.items:
            own = Document(tuple(part for part in item.blocks if not isinstance(part, ListBlock)))
            if item.checked is not None and (text := one_line(plain_text(own))):
                yield Criterion(text, item.checked)
            yield from _checked_items(item.blocks)


def _printable(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    if character in _DIRECTION_CONTROLS or unicodedata.category(character) == "Cc":
        return ""
    return "\ufffd" if unicodedata.category(character) == "Cs" else character
