"""How an answer is taken from a tracker, the same for every connector: bounded in size, depth, time, and stoppable.

Nothing in `requests` bounds the size of an answer, what a compressed one unpacks to, or the time of one that drips. An
adapter does it here, below the libraries that speak to the trackers: what they are handed is a complete answer within
the limits, or an error.
"""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from connectors.limits import MEBIBYTE, Limits
from syncer.contract.recording import Exchange

DEEPEST: Final = 100
"""Levels of nested JSON; rich text has about thirty."""
MOST_VALUES: Final = 1_000_000
"""Values of one JSON answer: a small text of empty lists would otherwise take thirty times its size in memory."""
LONGEST_WAIT: Final = timedelta(days=1)
"""What a tracker may ask to wait; a longer wait is taken for this one."""
SHOWN: Final = 100
"""How many characters of an answer in an unknown form a message shows."""

SILENCE: Final = 10.0
"""Seconds without a byte after which it is doubted that the tracker answers at all."""

_SLICE: Final = 0.2
"""Seconds between two looks at the clock and at the wish to stop while nothing arrives."""
_CHUNK: Final = 64 * 1024
_FRAMED: Final = zlib.MAX_WBITS | 32
_BARE: Final = -zlib.MAX_WBITS
"""`deflate` without its frame, as some servers send it."""
_GZIP: Final = b"\x1f\x8b"
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


class ReadStopped(Exception):
    """The run was asked to end while an answer to a read was awaited."""


class TooSlow(Exception):
    """Not every byte came in time. No `OSError`, which the libraries below would take for a broken connection."""


class Unfit(requests.RequestException):
    """An answer came and was not taken: too large or too slow. It would be the same again."""


class _Exchange(threading.local):
    """What one thread awaits at present."""

    ends = heard_at = float("inf")
    heard = reading = doubted = False
    declared: bool | None = None
    """Whether the next request only reads, where its verb does not tell."""


class StopWatch:
    """The clock of one exchange after another, of each thread its own, and the wish of a run to stop."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.stop: Callable[[], bool] = lambda: False
        self.doubt: Callable[[], bool] = lambda: False
        """Asked once in a read, after some seconds of silence, whether to wait no longer."""
        self.assure: Callable[[], None] = lambda: None
        """Called right before a request that writes is sent; where it raises, nothing is."""
        self.listener: Callable[[Exchange], None] | None = None
        """Who is told of each exchange that ends; the path is that of the whole address."""
        self._monotonic = monotonic
        self._now = _Exchange()

    def declare(self, *, reading: bool | None) -> None:
        """Says of the next request of this thread whether it only reads; None: its verb tells."""
        self._now.declared = reading

    def begin(self, verb: str | None) -> None:
        """Starts the clock of an exchange. Only a read may be given up when the run is asked to stop.

        Raises what `assure` does where the run must not write any more.
        """
        at = self._monotonic()
        now = self._now
        now.ends, now.heard_at, now.heard, now.doubted = at + self.limits.seconds, at, False, False
        now.reading = verb in ("GET", "HEAD") if now.declared is None else now.declared
        if not now.reading:
            self.assure()

    def asked_to_stop(self) -> bool:
        """Whether the run was asked to stop, by the answer of `stop` as it is then."""
        return self.stop()

    def heard(self) -> None:
        """Something arrived."""
        self._now.heard, self._now.heard_at = True, self._monotonic()

    def patience(self) -> float:
        """How long to wait for a byte before asking again. Raises Stopped, TooSlow, TimeoutError."""
        now = self._now
        if now.reading and self.stop():
            raise ReadStopped
        if now.reading and not now.doubted and self._monotonic() - now.heard_at >= SILENCE:
            now.doubted = True
            if self.doubt():
                raise TimeoutError("timed out")
        at = self._monotonic()
        if at >= now.ends and now.heard:
            raise TooSlow
        left = min(now.ends, now.heard_at + self.limits.silence) - at
        if left <= 0:
            raise TimeoutError("timed out")
        return min(left, _SLICE)

    def pause(self, seconds: float) -> None:
        """Waits before something is tried again. Raises Stopped as soon as the run is asked to stop."""
        end = self._monotonic() + seconds
        while (left := end - self._monotonic()) > 0:
            if self.stop():
                raise ReadStopped
            time.sleep(min(left, _SLICE))

    def pool_classes(self) -> dict[str, type[HTTPConnectionPool]]:
        """Connection pools, by scheme, whose answers are read under this watch."""
        answer = staticmethod(partial(_WatchedAnswer, watch=self))
        plain = type("Plain", (HTTPConnection,), {"response_class": answer})
        secure = type("Secure", (HTTPSConnection,), {"response_class": answer})
        return {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


class _Wire(io.RawIOBase):
    """A socket as it is read under a watch: in slices, so that neither silence nor dripping holds it for long."""

    def __init__(self, sock: socket.socket, watch: StopWatch) -> None:
        self._sock, self._watch = sock, watch
        self._held = sock.makefile("rb", buffering=0)  # keeps the socket open until this is closed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            self._sock.settimeout(self._watch.patience())
            try:
                count = self._sock.recv_into(buffer)
            except TimeoutError:
                continue
            self._watch.heard()
            return count

    def close(self) -> None:
        self._held.close()
        super().close()


class _WatchedAnswer(http.client.HTTPResponse):
    """An answer whose status line and headers are read under the watch as well."""

    def __init__(self, sock: Any, *args: Any, watch: StopWatch, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        plain = self.fp
        self.fp = io.BufferedReader(_Wire(sock, watch))
        plain.close()


def below(exchange: Exchange, *addresses: str) -> Exchange:
    """The exchange with its path below the first of `addresses` that it lies below."""
    for address in addresses:
        root = urlsplit(address).path.rstrip("/")
        if exchange.path.startswith(f"{root}/"):
            return replace(exchange, path=exchange.path.removeprefix(root))
    return exchange


class BoundedAdapter(HTTPAdapter):
    """Sends requests once and hands over their answers complete: within the limits of `watch`, already unpacked."""

    def __init__(self, watch: StopWatch, **options: Any) -> None:
        self._watch = watch
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Makes the connections, watched."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._watch.pool_classes()

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The connections through a proxy, watched."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **options)
        if not known and not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._watch.pool_classes()
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """The whole answer. Raises Stopped, Unfit, or what `requests` raises for an answer that did not come."""
        self._watch.begin(request.method)
        request.headers["Accept-Encoding"] = "gzip, deflate"
        options["stream"] = True
        response: requests.Response | None = None
        try:
            response = self._complete(request, super().send(request, *args, **options))
        except TooSlow:
            seconds = self._watch.limits.seconds
            raise Unfit(f"the answer is not complete after {seconds:g} s (answer-seconds)", request=request) from None
        finally:
            if self._watch.listener is not None:
                self._watch.listener(_heard(request, response))
        return response

    def _complete(self, request: requests.PreparedRequest, response: requests.Response) -> requests.Response:
        """The response with its content read. A connection whose answer was not read to its end is closed."""
        complete = False
        try:
            response._content = self._content(response.raw)
            complete = True
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(error, request=request) from error
        except (HTTPError, OSError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
        finally:
            if not complete:
                response.raw.close()
        response._content_consumed = True  # type: ignore[attr-defined]
        return response

    def _content(self, raw: HTTPResponse) -> bytes:
        most = self._watch.limits.size
        encoding = raw.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Unfit("the answer arrives in an encoding that was not asked for")
        chunks = _no_more_than(raw.stream(_CHUNK, decode_content=False), most)
        if encoding in ("", "identity"):
            return b"".join(chunks)
        return b"".join(_no_more_than(_unpacked(chunks), most))


def _heard(request: requests.PreparedRequest, response: requests.Response | None) -> Exchange:
    """What is told to whoever listens; None: no answer came, or none that was taken."""
    parts, body = urlsplit(request.url or ""), request.body or b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    asked = (request.method or "", parts.path, parts.query, sent)
    if response is None:
        return Exchange(*asked, None, {}, b"")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Exchange(*asked, response.status_code, headers, response.content)


def _no_more_than(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The chunks. Raises Unfit as soon as they are more than `most` bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise Unfit(f"the answer is larger than {most / MEBIBYTE:g} MiB (answer-mebibytes)")
        yield chunk


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What gzip or zlib packed, a bounded piece at a time. Raises ChunkedEncodingError for what is not packed so."""
    unpacker, begun, whole = zlib.decompressobj(_FRAMED), False, True
    for chunk in chunks:
        rest, full = chunk, False
        while rest or full:
            try:
                piece = unpacker.decompress(rest, _CHUNK)
            except zlib.error:
                if begun:
                    raise requests.exceptions.ChunkedEncodingError("the answer cannot be unpacked") from None
                unpacker, begun = zlib.decompressobj(_BARE), True
                continue
            yield piece
            begun, whole, full = True, unpacker.eof, len(piece) == _CHUNK
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                rest = unpacker.unused_data if unpacker.unused_data.startswith(_GZIP) else b""
                unpacker, full = zlib.decompressobj(_FRAMED), False
    if not whole:
        raise requests.exceptions.ChunkedEncodingError("the answer is cut short")


def read_json(text: bytes | str) -> Any:
    """The value of a JSON text. Raises ValueError, which says why, for one that is cut, too deep or too large."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if sum(raw.count(sign) for sign in (b"{", b"[", b",")) > MOST_VALUES:
        raise ValueError(f"the answer has more than {MOST_VALUES:,} values")
    if _is_deep(raw):
        raise ValueError(f"the answer is cut short, or nested more than {DEEPEST} levels deep")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ValueError("the answer is cut short or no JSON") from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _is_deep(raw: bytes) -> bool:
    """Whether brackets are nested deeper than allowed, or do not match. Each round takes away the innermost ones."""
    brackets = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def whole_number(text: str, most: int = 2**53) -> int | None:
    """The number a header holds, no more than `most`; None where it holds none."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text), most) if len(text) <= len(str(most)) else most


def moment_of(text: str) -> datetime | None:
    """The moment an HTTP date tells, in UTC; None where it tells none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The wait a Retry-After header asks for, at most a day; None where it asks for none.

    Seconds, or an HTTP date, which is measured by the server's own clock. Header names are lower case.
    """
    text = headers.get("retry-after", "")
    seconds = whole_number(text, int(LONGEST_WAIT.total_seconds()))
    if seconds is not None:
        return timedelta(seconds=seconds)
    until, now = moment_of(text), moment_of(headers.get("date", ""))
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)


def beginning(text: str) -> str:
    """How an answer begins that says nothing in the usual form, on one line after a colon; empty for an empty one."""
    line = inert(text[:1_000])
    return f": {line[:SHOWN]}{'…' if len(line) > SHOWN else ''}" if line else ""


def inert(text: str) -> str:
    """A text of a stranger on one line, with nothing in it that a terminal or a reader of a log would obey."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
