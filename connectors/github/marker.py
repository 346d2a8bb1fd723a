"""Our marker inside a body: a comment that GitHub does not show, on a line of its own. Pure."""

from __future__ import annotations

import re
from typing import Final

from syncer.contract.model import Marker

MARKER_ROOM: Final = 230
"""Characters of a body that are kept for the marker: its greatest length, and the comment around it."""

_MARKER: Final = re.compile(r"^<!-- syncer:([A-Za-z0-9._:-]{1,200}) -->[ \t]*(?=\r?$)", re.MULTILINE)
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")


def without_marker(text: str) -> tuple[str, Marker | None]:
    """A body as people see it, and the marker that was in it. What people wrote around the marker stays."""
    found = list(_MARKER.finditer(text))
    if not found:
        return text, None
    last = found[-1]
    below = text[last.end() :]
    return text[: last.start()].rstrip("\r\n") + (below if below.strip() else ""), Marker(last[1])


def clean(text: str) -> str:
    """The text without what GitHub cannot store: NUL and half surrogate pairs."""
    return _UNWRITABLE.sub("", text)


def with_marker(text: str, marker: Marker | None) -> str:
    """A body to be written, with the marker on a line of its own at the end, where no reader sees it."""
    if marker is None:
        return clean(text)
    visible = clean(text)
    gap = "\n\n" if visible and not visible.endswith("\n") else "\n" if visible else ""
    return f"{visible}{gap}<!-- syncer:{marker} -->"
