"""The block in a goal's text that says by which number one sees whether it is reached. Pure.

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
`当前：` and `测量日：` mean the same. Nothing is guessed: a line that cannot be read is told, and the others count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from syncer.report.gather.values import adf_document, one_line
from syncer.report.model.collaboration import Aim

LONGEST = 80
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


def aim(source: str) -> Aim | None:
    """What the first block of a body says, in Markdown, wiki markup or ADF; None where there is none."""
    block = _block(source)
    if block is None:
        return None
    said: dict[str, Any] = {}
    unread: list[str] = []
    for line in filter(str.strip, block.splitlines()):
        key, value = _read(line)
        if key is None or value is None or key in said:
            unread.append(one_line(line)[:LONGEST])
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
            return key, one_line(found[2])[:LONGEST]
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
