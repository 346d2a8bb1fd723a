"""Our marker inside a body: a comment that GitHub does not show, on a line of its own. Pure."""

from __future__ import annotations

import re
from typing import Final

from syncer.contract.model import MISPLACED, Marker

MARKER_ROOM: Final = 230
"""Characters of a body that are kept for the marker: its greatest length, and the comment around it."""

_MARKER: Final = re.compile(r"^<!-- syncer:([A-Za-z0-9._:-]{1,200}) -->[ \t]*(?=\r?$)", re.MULTILINE)
_INERT: Final = re.compile(r"^<!-- \u2060(?=syncer:[A-Za-z0-9._:-]{1,200} -->[ \t]*\r?$)", re.MULTILINE)
"""What people wrote like a marker, with a sign of no width in it, so that it is read as what it is: their text."""
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")


def has_marker(text: str) -> bool:
    """Whether something in a body looks like a marker."""
    return _MARKER.search(text) is not None


def without_marker(text: str) -> tuple[str, Marker | None]:
    """The body of an item that we created, as people see it, and the marker in it.

    It counts where `with_marker` puts it: on the last line, and nowhere else. Where a marker stands, but not so,
    somebody moved or added one: then nothing is taken out, and the marker begins with `MISPLACED`.
    """
    found = list(_MARKER.finditer(text))
    if not found:
        return readable(text), None
    if len(found) > 1 or text[found[0].end() :].strip():
        return readable(text), Marker(MISPLACED + ":".join(dict.fromkeys(each[1] for each in found)))
    return readable(text[: found[0].start()].rstrip("\r\n")), Marker(found[0][1])


def without_linked(text: str, linked: Marker) -> str | None:
    """A body as people see it without the marker its item is linked by, wherever they moved it; None: it is not there.

    What people wrote around it stays.
    """
    last = next((found for found in reversed(list(_MARKER.finditer(text))) if found[1] == linked), None)
    if last is None:
        return None
    below = text[last.end() :]
    return readable(text[: last.start()].rstrip("\r\n") + (below if below.strip() else ""))


def readable(text: str) -> str:
    """A body as people wrote it."""
    return _INERT.sub("<!-- ", text)


def clean(text: str) -> str:
    """The text without what GitHub cannot store: NUL and half surrogate pairs."""
    return _UNWRITABLE.sub("", text)


def with_marker(text: str, marker: Marker | None) -> str:
    """A body to be written, with the marker on a line of its own at the end, where no reader sees it.

    What looks like a marker in the text, in a block of code for instance, is made inert and looks the same.
    """
    if marker is None or marker.startswith(MISPLACED):
        return clean(text)
    visible = _MARKER.sub(lambda found: found[0].replace("<!-- ", "<!-- \u2060"), clean(text))
    gap = "\n\n" if visible and not visible.endswith("\n") else "\n" if visible else ""
    return f"{visible}{gap}<!-- syncer:{marker} -->"
