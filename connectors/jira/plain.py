"""Plain text as Jira takes it: without the signs that no Jira stores, on one line, as an ADF document. Pure."""

from __future__ import annotations

import re
from typing import Any

_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\r\n\u2028\u2029\x85]+")


def speakable(text: str) -> str:
    """`text` without the control signs and lone surrogates that no Jira stores."""
    return _UNSPEAKABLE.sub("", text)


def one_line(text: str) -> str:
    """`text` as a summary can hold it: on one line, without control signs."""
    return speakable(_LINE_BREAKS.sub(" ", text)).strip()


def plain_adf(text: str) -> dict[str, Any]:
    """Plain text as an ADF document, one paragraph a line."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} if line else {"type": "paragraph"}
        for line in text.splitlines()
    ]
    return {"version": 1, "type": "doc", "content": paragraphs}
