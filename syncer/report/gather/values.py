"""Values of the store as people read them: safe one-line titles, readable fields, standings, the block of a goal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from syncer.contract.history import Aspect
from syncer.contract.model import EDGE_SETS, Category, Field, Observed, Status
from syncer.core.side_view import ViewValue, decode_view
from syncer.core.value_map import Term
from syncer.report.model.collaboration import Aim, Criterion
from syncer.report.model.timeline import Standing

LONGEST = 2_000
"""Characters of a value that are shown; a description can have 65,536."""

CANCELLED = frozenset(
    {
        "not_planned", "duplicate", "won't do", "won't fix", "wontfix", "declined", "rejected", "cannot reproduce",
        "cancelled", "canceled", "invalid", "obsolete", "incomplete",
    }
)  # fmt: skip
"""Reasons (a Jira resolution, a GitHub state_reason) and status names that mean closed without being done."""

_CHECKED_LINE = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\][ \t]+(\S.*)$", re.MULTILINE)
_ASKING = ("?", "？")

LONGEST_NAME = 80
"""Characters of the name of a metric or unit, and of a line that could not be read."""

_FENCED = re.compile(r"(?ims)^ {0,3}(`{3,}|~{3,})[ \t]*goal[ \t]*\r?\n(.*?)^ {0,3}\1")
_WIKI = re.compile(r"(?is)\{code:(?:language=)?goal(?:\|[^{}\n]*)?\}(.*?)\{code\}")
_LINE = re.compile(r"\s*([^:=]{1,40}?)\s*[:=]\s*(.*?)\s*")
_NUMBER = re.compile(r"([+-]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)\s*([^0-9\s].{0,20})?")
_KEYS = {
    "metric": "metric", "指标": "metric",
    "unit": "unit", "单位": "unit",
    "baseline": "baseline", "基线": "baseline", "起点": "baseline",
    "target": "target", "目标": "target",
    "current": "current", "当前": "current",
    "measured": "measured", "测量日": "measured",
}  # fmt: skip

_KEPT_CONTROLS = frozenset("\n\t")
_DIRECTION_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """The text without control characters, direction overrides and lone surrogates: they disturb what is around."""
    return text if text.isprintable() else "".join(_printable(character) for character in text)


def one_line(text: str) -> str:
    """The text cleaned, on one line."""
    return " ".join(clean(text).split())


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


def readable(field: Aspect, encoded: Any, name: Callable[[str], str]) -> str:
    """A value of the conflict ledger as text; `name` tells what a person, milestone or task is called by its id."""
    value = decode_view(encoded)
    text = _text(field, value, name)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def criteria(source: str) -> tuple[Criterion, ...]:
    """The lines of the task lists in a body, Markdown or ADF."""
    document = adf_document(source)
    if document is not None:
        return tuple(_checked_items(document))
    if "[" not in source:
        return ()
    return tuple(Criterion(one_line(text), mark != " ") for mark, text in _CHECKED_LINE.findall(source))


def asks(source: str) -> bool:
    """Whether the text of a body ends with a question mark."""
    return _document_text(source).rstrip().endswith(_ASKING)


def _text(field: Aspect, value: ViewValue, name: Callable[[str], str]) -> str:
    match value:
        case None:
            return ""
        case Term():
            return clean(str(value))
        case Status():
            return clean(value.name if value.reason is None else f"{value.name} ({value.reason})")
        case tuple():
            named = field in {Field.ASSIGNEES, Field.MILESTONES, *EDGE_SETS}
            return ", ".join(one_line(name(element) if named else element) for element in value)
        case str():
            words: dict[Aspect, Callable[[str], str]] = {Field.BODY: _document_text, Field.PARENT: name}
            return clean(words.get(field, str)(value)).strip()
        case _:
            return value.isoformat()


def _document_text(source: str) -> str:
    """The words of a body: ADF is taken apart, other markup is readable as it is."""
    document = adf_document(source)
    if document is None:
        return source
    return "\n".join("".join(_words(block)) for block in document.get("content", ()))


def adf_document(source: str) -> dict[str, Any] | None:
    """The document in a body that is ADF; None where it is other markup."""
    if not source.startswith("{"):
        return None
    try:
        document = json.loads(source)
    except ValueError:
        return None
    return document if isinstance(document, dict) and document.get("type") == "doc" else None


def _checked_items(node: Any) -> Iterator[Criterion]:
    if not isinstance(node, dict):
        return
    if node.get("type") == "taskItem":
        attributes = node.get("attrs")
        met = isinstance(attributes, dict) and attributes.get("state") == "DONE"
        yield Criterion(one_line("".join(_words(node))), met)
    for child in node.get("content", ()):
        yield from _checked_items(child)


def _words(node: Any) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    attributes = node.get("attrs")
    if isinstance(text := node.get("text"), str):
        yield text
    elif node.get("type") == "hardBreak":
        yield "\n"
    elif isinstance(attributes, dict) and isinstance(shown := attributes.get("text"), str):
        yield shown
    for child in node.get("content", ()):
        yield from _words(child)
    if node.get("type") in {"listItem", "taskItem", "tableRow", "paragraph"}:
        yield " "


def _printable(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    if character in _DIRECTION_CONTROLS or unicodedata.category(character) == "Cc":
        return ""
    return "\ufffd" if unicodedata.category(character) == "Cs" else character


# --- the block of a goal


def aim(source: str) -> Aim | None:
    """What the first block of a goal's text says: by which number one sees whether it is reached; None without one.

    A block of code in the language `goal`, which every tracker keeps as it is and which survives the sync:

        ```goal
        metric: checkout abandonment
        unit: %
        baseline: 38
        target: 25
        current: 33.5
        measured: 2026-11-20
        ```

    Jira's own markup writes the same lines between `{code:goal}` and `{code}`; `指标：`, `单位：`, `基线：`, `目标：`,
    `当前：` and `测量日：` mean the same. Nothing is guessed: a line that cannot be read is named, the others count.
    """
    block = _block(source)
    if block is None:
        return None
    said: dict[str, Any] = {}
    unread: list[str] = []
    for line in filter(str.strip, block.splitlines()):
        key, value = _read(line)
        if key is None or value is None or key in said:
            unread.append(one_line(line)[:LONGEST_NAME])
        elif isinstance(value, tuple):
            said[key] = value[0]
            if value[1]:
                said.setdefault("unit", value[1])
        else:
            said[key] = value
    return Aim(**said, unread=tuple(unread))


def _read(line: str) -> tuple[str | None, Any]:
    """The key and value of a line; numbers with the unit behind them."""
    found = _LINE.fullmatch(unicodedata.normalize("NFKC", line))
    key = _KEYS.get(found[1].casefold()) if found else None
    if found is None or key is None or not found[2]:
        return None, None
    match key:
        case "metric" | "unit":
            return key, one_line(found[2])[:LONGEST_NAME]
        case "measured":
            try:
                return key, date.fromisoformat(found[2])
            except ValueError:
                return key, None
        case _:
            number = _NUMBER.fullmatch(found[2])
            return key, (float(re.sub("[, ]", "", number[1])), one_line(number[2] or "")) if number else None


def _block(source: str) -> str | None:
    if "goal" not in source.casefold():
        return None
    document = adf_document(source)
    if document is not None:
        return next(_code_blocks(document), None)
    found = _FENCED.search(source)
    if found:
        return found[2]
    wiki = _WIKI.search(source)
    return wiki[1] if wiki else None


def _code_blocks(node: Any) -> Iterator[str]:
    """The text of each block of code in the language, in order."""
    if not isinstance(node, dict):
        return
    attributes = node.get("attrs")
    language = attributes.get("language") if isinstance(attributes, dict) else None
    if node.get("type") == "codeBlock" and isinstance(language, str) and language.casefold() == "goal":
        yield "".join(str(child.get("text", "")) for child in node.get("content", ()) if isinstance(child, dict))
        return
    for child in node.get("content", ()):
        yield from _code_blocks(child)
