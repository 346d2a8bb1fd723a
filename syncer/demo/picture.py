"""The picture of the story: a receipt, drawn here so that no file has to be shipped."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_WIDTH, _HEIGHT = 120, 168
_PAPER, _INK, _FAINT = 250, 40, 150
_LINES = ((16, 30, 90), (34, 12, 70), (48, 12, 84), (62, 12, 62), (90, 12, 40), (104, 12, 52))
"""Top, left and right of what is printed in the wide column."""
_PRICES = (34, 48, 62, 90, 104)
_BARS = (3, 1, 2, 4, 1, 3, 2, 1, 4, 2, 1, 3, 2, 2, 1, 4)


def receipt() -> bytes:
    """A small PNG of a printed receipt with a bar code."""
    header = _WIDTH.to_bytes(4, "big") + _HEIGHT.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = b"".join(b"\x00" + bytes(_row(y)) for y in range(_HEIGHT))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def _row(y: int) -> Iterator[int]:
    for x in range(_WIDTH):
        if y == 80 and 8 <= x < 112:
            yield _FAINT
        else:
            yield _INK if _is_printed(x, y) else _PAPER


def _is_printed(x: int, y: int) -> bool:
    words = any(top <= y < top + 5 and left <= x < right for top, left, right in _LINES)
    prices = 94 <= x < 110 and any(top <= y < top + 5 for top in _PRICES)
    return words or prices or (128 <= y < 152 and _is_bar(x - 20))


def _is_bar(x: int) -> bool:
    """Whether a bar of the bar code stands at `x`; bars and gaps take turns."""
    end = 0
    for number, width in enumerate(_BARS * 2):
        end += width
        if 0 <= x < end:
            return number % 2 == 0
    return False
