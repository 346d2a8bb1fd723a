"""Pictures and attachments: what a connector offers when its tracker keeps files that texts refer to.

Both protocols are optional and found by `isinstance`. A tracker whose files can be read is a `FileSource`, one that
takes files along with a task a `FileHolder`. Nothing here performs input or output.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable
from unicodedata import category, combining, normalize

from syncer.contract.model import Observed

_FORBIDDEN = re.compile(r'[\\/:*?"<>|%$!^\[\]{}]')
"""What a file system, a tracker or its markup does not take in a name."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
LONGEST_NAME = 180
"""In bytes of UTF-8: with a digest it stays below what file systems hold."""
LONGEST_ENDING = 12


@dataclass(frozen=True)
class File:
    """A file as it was read: its content, and the name and media type that its source gives it."""

    name: str
    """With an ending that fits the content: `receipt.png`."""
    media_type: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal: two files are one when it is the same."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def safe_name(self) -> str:
        """The name as people wrote it, without what is not safe everywhere."""
        said = "".join(_visible(sign) for sign in normalize("NFC", self.name))
        stem, ending = _parted(_FORBIDDEN.sub("-", said).strip())
        stem = stem.lstrip(" .")
        short = _cut(stem.strip(), LONGEST_NAME - len(ending.encode())).rstrip(" .") or "file"
        return f"_{short}{ending}" if _RESERVED.match(short + ending) else short + ending

    @property
    def told_apart(self) -> str:
        """The name with the beginning of the digest in it, for a task that has another file of this name."""
        stem, ending = _parted(self.safe_name)
        return f"{stem}-{self.digest[:16]}{ending}"


def _visible(sign: str) -> str:
    """A character of a name; controls and what only changes how others look are left out, any blank is a space."""
    match category(sign)[0], sign:
        case "Z", _:
            return " "
        case "C", _:
            return ""
        case _:
            return sign


def _parted(name: str) -> tuple[str, str]:
    """The stem and the ending with its dot, which is empty where a name has none."""
    stem, dot, ending = name.rpartition(".")
    if len(ending) > LONGEST_ENDING or not ending.isalnum() or not dot:
        return name, ""
    return stem, dot + ending


def _cut(text: str, most: int) -> str:
    """The beginning of a text in at most so many bytes; no character is parted from the signs that belong to it."""
    end = len(text.encode()[:most].decode(errors="ignore"))
    while 0 < end < len(text) and combining(text[end]):
        end -= 1
    return text[:end]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that a task of a holder has."""

    id: str
    name: str
    address: str
    """Where people who may read the task open it. Ends with its name."""
    target: str
    """What an image run of the holder's markup has as its target to show it: the name, or `media:ID`."""


@runtime_checkable
class FileSource(Protocol):
    """A connector whose tracker keeps files to which texts refer by address."""

    def file_address(self, address: str) -> str:
        """The stable spelling of the address of a file of this very tracker, without signature or token.

        Empty for every other address. Idempotent; sends nothing.
        """
        ...

    def fetch(self, item: Observed, address: str, most: int) -> File:
        """The file at a stable address that a text of `item` names, at most `most` bytes.

        Raises `Rejected` when it will not be carried (absent, too large, no harmless kind of file, an address that
        leads elsewhere), `Retryable` when it may be readable later.
        """
        ...


@runtime_checkable
class FileHolder(Protocol):
    """A connector whose tracker keeps files along with a task."""

    def file_at(self, address: str) -> str:
        """The name of the file of a task whose page an address is; empty for every other address. Sends nothing."""
        ...

    def attach(self, task: Observed, file: File, name: str) -> Attached:
        """Adds a file to a task under a name, in one request, sent once.

        Raises `Rejected` (too large, attachments are off), `Gone`, `Denied`, `Retryable` when it certainly had no
        effect, `Ambiguous` when that is unknown.
        """
        ...

    def attached(self, task: Observed, name: str, size: int) -> Attached | None:
        """The file that our account added to a task under a name, of so many bytes, read consistently.

        The latest of several; None when the task has none now.
        """
        ...

    def attachments(self, task: Observed) -> frozenset[str]:
        """The ids of all files that a task has now, read consistently.

        Raises `Gone` where the task is gone, `Unreadable` where the tracker does not show its files.
        """
        ...
