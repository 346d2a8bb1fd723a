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

from syncer.contract.model import Observed

_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
LONGEST_STEM = 48


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
    def kept_name(self) -> str:
        """The name under which a holder keeps it: safe everywhere, different for every content.

        The digest in it is also the marker by which a lost upload is found again.
        """
        stem, dot, ending = self.name.rpartition(".")
        stem, ending = (stem, ending) if dot else (ending, "")
        safe = _UNSAFE.sub("-", stem).strip("-._")[:LONGEST_STEM].rstrip("-._") or "file"
        return f"{safe}-{self.digest[:16]}" + (f".{_UNSAFE.sub('', ending).lower()}" if dot else "")


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

    def attach(self, task: Observed, file: File) -> Attached:
        """Adds a file to a task under its `kept_name`, in one request, sent once.

        Raises `Rejected` (too large, attachments are off), `Gone`, `Denied`, `Retryable` when it certainly had no
        effect, `Ambiguous` when that is unknown.
        """
        ...

    def attached(self, task: Observed, name: str) -> Attached | None:
        """The file that a task has under a name now, read consistently; the latest of several."""
        ...
