"""What one answer of a tracker may take. Apart from the transport, so that settings load no HTTP library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may take."""

    seconds: float
    """From the request to the last byte."""
    mebibytes: float
    """As sent, and unpacked."""
    silence: float
    """Seconds without a byte after which an answer counts as lost."""

    @property
    def size(self) -> int:
        """In bytes."""
        return int(self.mebibytes * MEBIBYTE)
