"""Where a vendor's document contradicts the vendor's product, and what is put in its place; each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NO_SCHEMA: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What a JSON pointer names in a document is replaced, because `reason`."""

    pointer: str
    replacement: Any
    reason: str


RELAXATIONS: Mapping[str, tuple[Relaxation, ...]] = {
    "github-rest": (),
    "jira-cloud-v3": (),
    "jira-dc-v2": (),
    "jira-agile": (),
}
