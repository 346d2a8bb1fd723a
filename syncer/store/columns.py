"""Column types: moments as whole microseconds, JSON as compressed bytes; the same on every database.

Why compressed: an item is stored up to three times (shown on each side, base of the link) and its body is nearly all
of it. Deflate at its fastest level with a preset dictionary of our own key names shrinks an item of 1,800 bytes to 570,
for 50 microseconds on writing and 15 on reading (tests/bench/bench_store.py prints both), less than the pages it saves
cost. Bytes, not text, because a body may hold NUL and lone surrogates, which neither database accepts in a text column.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from syncer.core.codec import compact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

PLAIN = b"\x00"
DEFLATED = b"\x01"
DICTIONARY = (
    b'"facts":{"attachments":0,"blocked_by":[],"closed":null,"flagged":false,"iteration":null,"open_blockers":0,'
    b'"parent":null,"points":null},"milestones":[],"components":[],"priority":null,"start":null,"due":{"date":"2026-'
    b'"left":{"assignees":[],"body":"","labels":[]},"right":{"assignees":[],"body":"","labels":[]},'
    b'"status":{"category":"doing","name":"In Progress","reason":"not_planned"},"type":"Task"},'
    b'"status":{"category":"done","name":"closed","reason":"completed"},"title":""},'
    b'"status":{"category":"todo","name":"To Do","reason":null},"type":null,"title":"'
    b'{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"'
    b'"marker":null,"parent":"task:","ref":"comment:","updated":"2026-","url":"https://github.com/","version":"'
    b'{"audience":1,"author":{"bot":false,"id":"","name":"","url":"https://"},"created":"2026-01-01T00:00:00+00:00",'
    b'"fields":{"assignees":[],"body":"'
)
"""Shared by all rows with the `DEFLATED` tag: a change of these bytes needs a new tag. The likeliest come last."""

SHORT = 200
"""Bytes of a value that is kept to be recognised: a status or labels, no text."""

MOST_KNOWN = 20_000


def pack(value: Any) -> bytes:
    """JSON-able `value` as bytes, compressed where that saves space."""
    plain = compact(value).encode("utf-8", "surrogatepass")
    if len(plain) < 40:
        return PLAIN + plain
    deflate = zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
    packed = deflate.compress(plain) + deflate.flush()
    return DEFLATED + packed if len(packed) < len(plain) else PLAIN + plain


def unpack(packed: bytes) -> Any:
    """The value that `pack` was given. Raises ValueError for bytes of an unknown form."""
    tag, content = packed[:1], packed[1:]
    if tag == DEFLATED:
        inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
        content = inflate.decompress(content) + inflate.flush()
    elif tag != PLAIN:
        raise ValueError(f"stored value has an unknown form {tag!r}")
    return json.loads(content.decode("utf-8", "surrogatepass"))


class Unpacking:
    """Unpacks many values, equal short ones once. What it gives is shared: to be read, never changed."""

    def __init__(self, decode: Callable[[Any], Any] | None = None) -> None:
        self._known: dict[bytes, Any] = {}
        self._decode = decode

    def __call__(self, packed: bytes) -> Any:
        """The value that `pack` was given, as `decode` reads it."""
        packed = bytes(packed)
        if packed in self._known:
            return self._known[packed]
        value = unpack(packed) if self._decode is None else self._decode(unpack(packed))
        if len(packed) <= SHORT and len(self._known) < MOST_KNOWN:
            self._known[packed] = value
        return value


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; a naive one is a TypeError."""
    return (moment - EPOCH) // MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The UTC datetime that `to_microseconds` was given."""
    return EPOCH + timedelta(microseconds=count)


def printable(text: str) -> str:
    """`text` with NUL and lone surrogates spelled out: what a text column accepts on every database."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER on SQLite, whose strict tables know no other name for 64 bits."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """The stored form."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """The value of the stored form."""
        return None if value is None else from_microseconds(value)


class Packed(TypeDecorator[Any]):
    """A JSON-able value as `pack` encodes it. NULL reads as None and is never written: JSON's null is a value."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """The stored form."""
        return pack(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """The value of the stored form."""
        return None if value is None else unpack(bytes(value))


class PackedOrNull(Packed):
    """A JSON-able value as `pack` encodes it, or NULL for None, so that an index can leave out what is empty."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # type: ignore[override]
        """The stored form."""
        return None if value is None else pack(value)


class Printable(TypeDecorator[str]):
    """Text for people's eyes; what no text column accepts is spelled out (see `printable`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The stored form."""
        return None if value is None else printable(value)
