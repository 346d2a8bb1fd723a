"""Pictures and files in one repository's texts: reading them, when whoever can open an issue chooses the address.

Only hosts of the tracker are asked, at the one address their name was resolved to and only if that is a public one (but
for the configured tracker itself, which may be inside); every redirect is held to the same rules. No credentials are
ever sent: what they would open is read at the signed address that the API gives. Size and time are bounded while
reading, and what arrives is not decompressed.

Only what GitHub itself lets people drop into a text is carried, if it is harmless. A picture is known by its first
bytes, whatever it is called; everything else by the ending of its name. What a browser would run (pages, SVG, scripts)
is never carried: a login page served in place of a picture ends here too.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from requests.adapters import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from connectors.github.client import GitHubClient
from connectors.github.file_addresses import FileAddresses
from connectors.github.settings import GitHubTracker
from connectors.limits import MEBIBYTE, Limits
from connectors.transport import ReadStopped as StoppedWaiting
from connectors.transport import StopWatch, TooSlow
from syncer.contract.errors import Gone, Rejected, Retryable, Stopped
from syncer.contract.files import File
from syncer.contract.model import Observed

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
        watch = StopWatch(Limits(self.longest, most / MEBIBYTE, silence=self.read_timeout))
        watch.stop = self.stop
        watch.begin("GET")
        ends = self.monotonic() + self.longest
        for _ in range(MOST_REDIRECTS + 1):
            with self._answer(address, watch) as answer:
                if answer.status not in _REDIRECTS:
                    return self._read(answer, address, most, ends)
                address = urljoin(address, answer.headers.get("location", ""))
        raise Rejected(f"{_shown(address)} is behind more than {MOST_REDIRECTS} redirects")

    @contextmanager
    def _answer(self, address: str, watch: StopWatch) -> Iterator[urllib3.BaseHTTPResponse]:
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


_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", "png"),
    (b"\xff\xd8\xff", 0, "image/jpeg", "jpg"),
    (b"GIF87a", 0, "image/gif", "gif"),
    (b"GIF89a", 0, "image/gif", "gif"),
    (b"WEBP", 8, "image/webp", "webp"),
)
_FILES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "patch": "text/x-diff",
    "diff": "text/x-diff",
    "zip": "application/zip",
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
_BY_TYPE: Final = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
_RUN_BY_BROWSERS: Final = ("html", "svg", "xml", "javascript", "ecmascript")
_PAGE_BEGINS: Final = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")


def identified(name: str, declared: str, content: bytes) -> tuple[str, str]:
    """Name with a fitting ending, and media type. `name` is the last part of the address, `declared` what was answered.

    Raises Rejected for what is not carried.
    """
    if not content:
        raise Rejected(f"{name or 'the file'} is empty")
    stem, _, ending = name.rpartition(".")
    for signature, offset, media_type, known_ending in _PICTURES:
        if content.startswith(signature, offset):
            fits = ending.lower() == known_ending or (known_ending == "jpg" and ending.lower() == "jpeg")
            return (name if stem and fits else f"{stem or 'picture'}.{known_ending}"), media_type
    begins = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if declared.startswith("image/") or any(word in declared for word in _RUN_BY_BROWSERS):
        raise Rejected(f"{name or 'the file'} ({declared}) is not a kind of file that is carried")
    if begins.startswith(_PAGE_BEGINS):
        raise Rejected(f"{name or 'the file'} is a page and no file")
    if not stem and declared in _BY_TYPE:
        name, stem, ending = f"video.{_BY_TYPE[declared]}", "video", _BY_TYPE[declared]
    if not stem or ending.lower() not in _FILES:
        raise Rejected(f"{name or 'the file'} ({declared or 'of no kind'}) is not a kind of file that is carried")
    return name, _FILES[ending.lower()]


_WITH_HTML: Final = "application/vnd.github.full+json"
_SOURCE: Final = re.compile(r'src="([^"]+)"')


class RepositoryFiles:
    """Reads the files of a repository's texts. `path` names an item in the API."""

    def __init__(
        self, tracker: GitHubTracker, repository: str, client: GitHubClient, path: Callable[[Observed], str]
    ) -> None:
        self._addresses = FileAddresses(tracker.pages, repository)
        self._fetcher = Fetcher(
            tracker.pages,
            self._addresses.hosts,
            connect_timeout=tracker.connect_timeout,
            read_timeout=tracker.silence,
            trusted=tracker.ca_bundle,
            stop=client.watch.asked_to_stop,
        )
        self._client = client
        self._path = path
        self.requests = 0
        """Requests sent so far, redirects not counted."""

    def stable(self, address: str) -> str:
        """The stable spelling of the address of a file; empty for any other address."""
        return self._addresses.stable(address)

    def fetch(self, item: Observed, address: str, most: int) -> File:
        """The file at a stable address. Raises `Rejected` and `Retryable`."""
        try:
            found = self._read(address, most)
        except Gone as missing:
            signed = self._signed(item, address)
            if not signed:
                raise Rejected(f"{missing}; no token opens it") from missing
            try:
                found = self._read(signed, most)
            except Gone as error:
                raise Rejected(str(error)) from error
        name = unquote(urlsplit(address).path.rpartition("/")[2])
        if self._addresses.picture(address):
            name = ""  # the address of a picture ends with an id that says nothing to people
        name, media_type = identified(name, found.media_type, found.content)
        return File(name, media_type, found.content)

    def _read(self, address: str, most: int) -> Download:
        """What is at an address. Raises `Gone` also for the page to sign in that an Enterprise Server answers with."""
        self.requests += 1
        found = self._fetcher.fetch(address, most)
        if found.media_type in ("text/html", "application/xhtml+xml"):
            raise Gone(f"{address.partition('?')[0]} is a page", uncertain=True)
        return found

    def _signed(self, item: Observed, address: str) -> str:
        """The address at which a picture of a private repository can be read for a few minutes; empty for none.

        GitHub gives it in the HTML of the text, and no token opens the stable address itself.
        """
        picture = self._addresses.picture(address)
        if not picture:
            return ""
        body, _ = self._client.get(self._path(item), f"read the pictures of {item.key}", item=True, accept=_WITH_HTML)
        shown = body.get("body_html") if isinstance(body, dict) else None
        sources = (unescape(found) for found in _SOURCE.findall(shown if isinstance(shown, str) else ""))
        return next((source for source in sources if picture in source.lower() and "?" in source), "")
