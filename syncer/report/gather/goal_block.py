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

`指标：`, `单位：`, `基线：`, `目标：`, `当前：` and `测量日：` mean the same. Nothing is guessed: a line that cannot be
read is told, and the others count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from syncer.report.gather.values import one_line
from syncer.report.model.collaboration import Aim
from syncer.richtext import Block, CodeBlock, Document, children

LANGUAGE = "goal"
"""What the block of code says it is written in."""

LONGEST = 80
"""Characters of the name of a metric or unit, and of a line that could not be read."""

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


def aim(document: Document) -> Aim | None:
    """What the first such block of a text says; None where there is none."""
    block = next(_code_blocks(document.blocks), None)
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


def _code_blocks(blocks: Iterable[Block]) -> Iterator[str]:
    """The text of each block of code in the language, in order."""
    for block in blocks:
        if isinstance(block, CodeBlock) and block.language == LANGUAGE:
            yield block.text
        for inner in children(block):
            yield from _code_blocks(inner)
