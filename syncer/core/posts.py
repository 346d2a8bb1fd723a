"""The marker of a report that is posted in a tracker: by it we find our post again, and the sync leaves it alone."""

from __future__ import annotations

from syncer.contract.model import Marker

_POST = "report:"
"""The name of a pair holds no colon, so no marker of a mirrored item begins like this."""


def post_marker(pair: str, name: str, nonce: str) -> Marker:
    """The marker of the post called `name`."""
    return Marker(f"{_POST}{pair}:{name}:{nonce}")


def is_post(marker: Marker | None) -> bool:
    """Whether an item with this marker is a posted report, of this pair or another: it is nobody's work."""
    return marker is not None and marker.startswith(_POST)


def is_post_named(marker: Marker | None, pair: str, name: str) -> bool:
    """Whether it is the post called `name` of a pair."""
    return marker is not None and marker.startswith(f"{_POST}{pair}:{name}:")
