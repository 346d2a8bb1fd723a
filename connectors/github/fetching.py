"""Reading a file from the web, when whoever can open an issue chooses the address.

Only hosts of the tracker are asked, at the one address their name was resolved to and only if that is a public one (but
for the configured tracker itself, which may be inside); every redirect is held to the same rules. No credentials are
ever sent: what they would open is read at the signed address that the API gives. Size and time are bounded while
reading, and what arrives is not decompressed.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import urllib3
from requests.adapters import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from connectors.limits import MEBIBYTE, Limits
from connectors.transport import ReadStopped as StoppedWaiting
from connectors.transport import TooSlow, Watch
from syncer.contract.errors import Gone, Rejected, Retryable, Stopped

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text, best first. Raises OSError."""

MOST_REDIRECTS: Final = 3
_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_LATER: Final = (408, 425, 429)


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Download:
    """What an address answered."""

    content: bytes
    media_type: str
    """As declared, without parameters; empty when it was not."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Reads files from the hosts of one tracker, whose pages begin with `home`."""

    home: str
    hosts: frozenset[str]
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    longest: float = 60.0
    """Seconds after which a file that is still arriving is given up."""
    trusted: Path | None = None
    """A file with the certificates to trust instead of the usual ones."""
    resolve: Resolve = resolved
    monotonic: Callable[[], float] = time.monotonic
    stop: Callable[[], bool] = lambda: False
    """Asked often whether to give up."""

    def fetch(self, address: str, most: int) -> Download:
        """What is at an address, at most `most` bytes.

        Raises `Gone` when there is nothing (or nothing without credentials), `Rejected` when a rule forbids it,
        `Retryable` when it may succeed later.
        """
        watch = Watch(Limits(self.longest, most / MEBIBYTE, silence=self.read_timeout))
        watch.stop = self.stop
        watch.begin(reading=True)
        ends = self.monotonic() + self.longest
        for _ in range(MOST_REDIRECTS + 1):
            with self._answer(address, watch) as answer:
                if answer.status not in _REDIRECTS:
                    return self._read(answer, address, most, ends)
                address = urljoin(address, answer.headers.get("location", ""))
        raise Rejected(f"{_shown(address)} is behind more than {MOST_REDIRECTS} redirects")

    @contextmanager
    def _answer(self, address: str, watch: Watch) -> Iterator[urllib3.BaseHTTPResponse]:
        parts = urlsplit(address)
        host, netloc = parts.hostname or "", parts.netloc.lower()
        at_home = f"{parts.scheme}://{netloc}" == self.home
        if not at_home and (parts.scheme != "https" or netloc not in self.hosts):
            raise Rejected(f"{_shown(address)} is not on a host of the tracker")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            pool = self._pool(parts.scheme, host, self._numeric(host, port, at_home), port)
        except OSError as error:
            raise Retryable(f"{host} cannot be found ({type(error).__name__})") from None
        pool.ConnectionCls = watch.pool_classes()[parts.scheme].ConnectionCls
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            answer = pool.urlopen(
                "GET",
                target,
                headers={"Host": netloc, "User-Agent": "tracker-syncer", "Accept-Encoding": "identity"},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                yield answer
            finally:
                answer.close()
        except StoppedWaiting:
            raise Stopped(f"{_shown(address)}: stopped while waiting") from None
        except TooSlow:
            raise Retryable(f"{_shown(address)} arrives too slowly") from None
        except (HTTPError, OSError) as error:
            raise Retryable(f"{_shown(address)}: no answer ({type(error).__name__})") from None
        finally:
            pool.close()

    def _numeric(self, host: str, port: int, at_home: bool) -> str:
        """The address to connect to, resolved once so that a second answer of the resolver cannot change it."""
        found = self.resolve(host, port)
        if not at_home and not all(_is_public(each) for each in found):
            raise Rejected(f"{host} leads into a private network")
        if not found:
            raise OSError(f"no address of {host}")
        return found[0]

    def _pool(self, scheme: str, host: str, numeric: str, port: int) -> urllib3.HTTPConnectionPool:
        timeout = urllib3.Timeout(connect=self.connect_timeout, read=self.read_timeout)
        if scheme == "http":
            return urllib3.HTTPConnectionPool(numeric, port, timeout=timeout, maxsize=1)
        named = self.trusted or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        trusted = str(named or DEFAULT_CA_BUNDLE_PATH)
        return urllib3.HTTPSConnectionPool(
            numeric,
            port,
            timeout=timeout,
            maxsize=1,
            cert_reqs="CERT_REQUIRED",
            server_hostname=host,
            assert_hostname=host,
            ca_certs=None if Path(trusted).is_dir() else trusted,
            ca_cert_dir=trusted if Path(trusted).is_dir() else None,
        )

    def _read(self, answer: urllib3.BaseHTTPResponse, address: str, most: int, ends: float) -> Download:
        status = answer.status
        if status in (401, 403, 404, 410):
            raise Gone(f"{_shown(address)} is not there for us (status {status})", uncertain=True)
        if status >= 500 or status in _LATER:
            raise Retryable(f"{_shown(address)}: status {status}")
        if status != 200:
            raise Rejected(f"{_shown(address)}: status {status}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Rejected(f"{_shown(address)} arrives compressed")
        declared = answer.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            raise Rejected(f"{_shown(address)} has {int(declared):,} bytes, more than {most:,}")
        content = self._content(answer, address, most, ends)
        if declared.isdecimal() and len(content) != int(declared):
            raise Retryable(f"{_shown(address)} broke off after {len(content):,} of {int(declared):,} bytes")
        return Download(content, answer.headers.get("content-type", "").partition(";")[0].strip().lower())

    def _content(self, answer: urllib3.BaseHTTPResponse, address: str, most: int, ends: float) -> bytes:
        content = bytearray()
        while chunk := answer.read1(_CHUNK):
            content += chunk
            if len(content) > most:
                raise Rejected(f"{_shown(address)} has more than {most:,} bytes")
            if self.monotonic() > ends:
                raise Retryable(f"{_shown(address)} arrives too slowly")
        return bytes(content)


def _is_public(numeric: str) -> bool:
    try:
        address = ipaddress.ip_address(numeric.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global and not inner.is_multicast and address.is_global)


def _shown(address: str) -> str:
    """An address as messages may name it: without a signature or token."""
    return address.partition("?")[0].partition("#")[0]
