"""Characters that never count: controls, byte order marks, lone surrogates, the word joiner, and more than one blank.

Both the canonical runs and blocks of code clean their text here.
"""

from __future__ import annotations

import re

JOINER = "\u2060"
"""WORD JOINER: invisible, breaks a notifying token, never counts."""

BLANKS = re.compile(r"[ \t\r]+")

_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, ord(JOINER), 65279)) | {0: "\ufffd"}
_CONTROL_IN_CODE = {code: mapped for code, mapped in _CONTROL.items() if code < 0x80}
_DIRTY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2060\ufeff\ud800-\udfff]")
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\u2060\ufeff\ud800-\udfff]|  ")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c\x1c-\x1e]")


def unclean(text: str) -> bool:
    """Whether `text` holds a character that does not count, a line end, or two blanks in a row."""
    return _UNCLEAN.search(text) is not None


def cleaned(text: str) -> str:
    """`text` without characters that do not count; its line ends are newlines."""
    return _clean(text, _CONTROL)


def cleaned_code(text: str) -> str:
    """Text of code: as `cleaned`, but what is invisible and yet part of the code stays."""
    return _clean(text, _CONTROL_IN_CODE)


def code_lines(text: str) -> str:
    """Preformatted text with newlines only as line ends, without blank lines at either end."""
    if _DIRTY.search(text):
        text = _without_surrogates(text.translate(_CONTROL_IN_CODE))
    lines = text.splitlines()  # at every character of _LINE_ENDS
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join([line.rstrip() for line in lines[first:last]])


def one_blank(text: str) -> str:
    """`text` on one line, cleaned, with single blanks and none at its ends."""
    return BLANKS.sub(" ", cleaned(text).replace("\n", " ")).strip()


def _clean(text: str, table: dict[int, str | None]) -> str:
    text = _LINE_ENDS.sub("\n", text)
    if _DIRTY.search(text):
        text = _without_surrogates(text.translate(table))
    return text


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
