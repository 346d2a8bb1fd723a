"""Where GitHub sees a bare address: https://github.github.com/gfm/#autolinks-extension-, as cmark-gfm does it.

The address goes on to the next blank or `<`, whatever stands between: a backslash escapes nothing in it. Then what
usually ends a sentence is taken off.
"""

from __future__ import annotations

import re
import unicodedata

_START = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_REST = re.compile(r"[^\s<]*")
_ENTITY = re.compile(r"&[A-Za-z]+;$")
_TRAILING = "?!.,:*_~'\""


def autolink(text: str, at: int) -> str:
    """The bare address that begins at `at`; empty when none does."""
    start = _START.match(text, at)
    if not start or not _has_host(text, start.end()):
        return ""
    rest = _REST.match(text, start.end())
    address = _trimmed(start[0] + (rest[0] if rest else ""))
    return "" if address.endswith("://") else address


def _has_host(text: str, at: int) -> bool:
    """Whether a host begins here, without an underscore in its last two parts."""
    if at >= len(text) or not _is_host_character(text[at]):
        return False
    end = at
    while end < len(text) and (text[end] in "-_." or _is_host_character(text[end])):
        end += 1
    return "_" not in "".join(text[at:end].split(".")[-2:])


def _is_host_character(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] not in "PS"


def _trimmed(address: str) -> str:
    """The address without punctuation behind it, and without closing parentheses that it does not open."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end:
        last = address[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last in _TRAILING:
            end -= 1
        elif last == ";":
            entity = _ENTITY.search(address, 0, end)
            end = entity.start() if entity else end - 1
        else:
            break
    return address[:end]
