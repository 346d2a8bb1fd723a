"""Why a link stands as it does (held, paused, retired), as data; its sentence is made when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from syncer.contract.model import Side


class Because(StrEnum):
    """What a link is held, tried again or retired for. The values are stored."""

    LEFT_FILTER = "left-filter"
    UNLISTED = "unlisted"
    """It can be read, and its scope has no filter that it could have left: archived issues of Jira are so."""
    UNSEEN = "unseen"
    MOVED = "moved"
    EDITED = "edited"
    """Its partner was deleted after it was edited: a person decides."""
    GAVE_UP = "gave-up"
    """Its writes failed again and again."""
    FAILED = "failed"
    """Its last write failed; it is tried again by itself."""
    REJECTED = "rejected"
    """The last word to it was refused: that its partner is gone."""
    CYCLE = "cycle"
    """An edge would lead a task back to itself."""
    BOTH_GONE = "both-gone"
    PARTNER_GONE = "partner-gone"
    ORIGINAL_GONE = "original-gone"
    """Of a comment."""
    MIRROR_GONE = "mirror-gone"
    """Of a comment."""
    MILESTONE_GONE = "milestone-gone"
    LEFT_ROUTE = "left-route"
    """It left the rule that led it here: it is on its way to another place of the same routes."""
    PLACELESS = "placeless"
    """It left the rule that led it here, and no other one took it."""
    STAYED = "stayed"
    """It is in step with another place by now, and what it had here stays open: a person decides."""
    MOVED_ON = "moved-on"
    """It is in step with another place by now, and what it had here was closed."""
    OTHER = "other"
    """A version of which this one does not know the words: only the text is known, and it is tried again."""


OUT_OF_SIGHT = frozenset({Because.LEFT_FILTER, Because.UNLISTED, Because.UNSEEN, Because.MOVED})
"""What a link is held for that goes on once a complete listing shows its item again."""
OFF_ROUTE = frozenset({Because.LEFT_ROUTE, Because.PLACELESS, Because.STAYED})
"""What a link is held for whose item left the rule of its route."""
LEFT = OFF_ROUTE | {Because.LEFT_FILTER}
"""What a link is held for that somebody's word in the item led out of our sight, and a person can have followed."""
TRIED_AGAIN = frozenset({Because.GAVE_UP, Because.OTHER})
"""What a link is held for that is tried again with each complete reading, and when a person asks for it."""


@dataclass(frozen=True, slots=True)
class LinkReason:
    """Why one link stands as it does. What a sentence has no use for stays empty."""

    because: Because
    item: str = ""
    """What people call the item it is about: `PAY-3`."""
    side: Side | None = None
    """The side of that item."""
    detail: str = ""
    """Where it was moved to, or what the tracker said. Shown to people, never looked into."""
    attempts: int = 0
    """How many writes failed in a row."""

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        values = {"item": self.item, "side": self.side, "detail": self.detail, "attempts": self.attempts}
        return _SENTENCES[self.because].format(**values)


_SENTENCES = {
    Because.LEFT_FILTER: "{item} left the filter on the {side} side",
    Because.UNLISTED: "{item} is listed no more (archived?) on the {side} side",
    Because.UNSEEN: "{item} cannot be seen any more on the {side} side",
    Because.MOVED: "{item} was moved to {detail} on the {side} side",
    Because.EDITED: "the partner of {item} was deleted, and {item} was edited since: decide by hand",
    Because.GAVE_UP: "gave up after {attempts} attempts: {detail}",
    Because.FAILED: "{detail}",
    Because.REJECTED: "Rejected: {detail}",
    Because.CYCLE: "an edge would close a cycle",
    Because.BOTH_GONE: "both sides are gone",
    Because.PARTNER_GONE: "the partner of {item} was deleted",
    Because.ORIGINAL_GONE: "the comment {item} stands for was deleted",
    Because.MIRROR_GONE: "its mirror was deleted; the original is left alone",
    Because.MILESTONE_GONE: "its partner of {item} was deleted; the milestone is left alone",
    Because.LEFT_ROUTE: "{item} is on its way to another place",
    Because.PLACELESS: "{item} left the rule of its route, and no other place took it",
    Because.STAYED: "{item} has another place by now, and {detail}",
    Because.MOVED_ON: "{item} moved on to {detail}",
    Because.OTHER: "{detail}",
}


def encode_reason(reason: LinkReason | None) -> tuple[str, dict[str, Any] | None]:
    """What it is because of, and the rest of it where there is any."""
    if reason is None:
        return "", None
    about = {
        "item": reason.item,
        "side": None if reason.side is None else reason.side.value,
        "detail": reason.detail,
        "attempts": reason.attempts,
    }
    return reason.because.value, {key: value for key, value in about.items() if value} or None


_KNOWN = frozenset(Because)


def decode_reason(because: str, about: Mapping[str, Any] | None) -> LinkReason | None:
    """The reason that `encode_reason` was given. One that only a newer version knows is OTHER, with what it says."""
    if not because:
        return None
    known, about = because in _KNOWN, about or {}
    side = about.get("side")
    return LinkReason(
        Because(because) if known else Because.OTHER,
        about.get("item", ""),
        None if side is None else Side(side),
        about.get("detail", "") if known else about.get("detail") or because,
        about.get("attempts", 0),
    )
