"""Identifiers as GitHub gives them: numeric ids that only grow, and opaque node ids derived from them."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable


class Sequence:
    """An endless series of numeric ids of one kind of object, the same for the same seed."""

    def __init__(self, start: int) -> None:
        self._next = start

    def take(self) -> int:
        """Return the next id."""
        taken = self._next
        self._next += 1
        return taken

    def avoid(self, used: Iterable[int]) -> None:
        """Never return an id at or below those in `used`: recorded objects keep their own."""
        self._next = max((self._next, *(number + 1 for number in used)))


class Sequences:
    """One `Sequence` per kind of object, starting far apart so that an id of one kind is never taken for another."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 # identifiers, not secrets: the same seed must give the same ids
        self.account = Sequence(chance.randrange(1_000, 9_000))
        self.repository = Sequence(chance.randrange(100_000, 900_000))
        self.issue = Sequence(chance.randrange(10_000_000, 90_000_000))
        self.comment = Sequence(chance.randrange(200_000_000, 900_000_000))
        self.event = Sequence(chance.randrange(1_000_000_000, 9_000_000_000))
        self.label = Sequence(chance.randrange(2_000_000, 9_000_000))
        self.milestone = Sequence(chance.randrange(20_000, 90_000))
        self.issue_type = Sequence(chance.randrange(300, 900))
        self.installation = Sequence(chance.randrange(40_000, 90_000))
        self.token = Sequence(1)
        self.upload = Sequence(1)
        self.reaction = Sequence(1)
        self.issue_field = Sequence(chance.randrange(42_000_000, 43_000_000))
        self.field_option = Sequence(chance.randrange(74_000_000, 75_000_000))
        self.request = Sequence(1)
        self.board = Sequence(chance.randrange(10_000, 90_000))
        self.board_field = Sequence(chance.randrange(100_000_000, 900_000_000))
        self.board_item = Sequence(chance.randrange(1_000_000_000, 9_000_000_000))
        self.board_option = Sequence(chance.randrange(0x10000000, 0x90000000))
        self.review = Sequence(chance.randrange(1_000_000_000, 9_000_000_000))
        self.release = Sequence(chance.randrange(100_000, 900_000))


def node_id(prefix: str, number: int) -> str:
    """Return the opaque global id of an object, such as `I_AAAAAAABHk0`; `prefix` says its kind."""
    return f"{prefix}_{base64.urlsafe_b64encode(number.to_bytes(8, 'big')).rstrip(b'=').decode()}"
