"""What a connector takes for granted about its vendor, with the evidence for it and what happens where it is wrong.

Why. A connector is right only where its picture of the vendor is. Each connector keeps that picture as one table,
`ASSUMPTIONS`; a test compares the table with the code that relies on it, so that neither moves without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """How a behaviour of a vendor is known."""

    DOCUMENTATION = "documentation"
    SPECIFICATION = "specification"
    """The vendor's own OpenAPI document."""
    RECORDING = "recording"
    """Answers of a real server that were kept."""
    REPORT = "report"
    """What users of the vendor or its support say in public."""
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One behaviour of a vendor that a connector relies on."""

    id: str
    """`TRACKER.SUBJECT.WHAT`, for instance `github.sub-issues.absent-on-server`. It never changes its meaning."""
    behaviour: str
    """What the vendor does, in one sentence."""
    evidence: Evidence
    source: str
    """What a reader can look up: the title of a page, an operation, a public thread."""
    where: tuple[str, ...]
    """The dotted names of the code that relies on it."""
    safe: str
    """What the connector does where it is not so."""
    asked_by: str = ""
    """The read-only question of `syncer check` that tries it live; empty where none can."""
    requests: tuple[str, ...] = ()
    """`VERB path` or `VERB path?parameter`, as specifications write them, that the vendor's own specification lacks."""
