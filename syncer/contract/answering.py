"""What a tracker can do beside items and fields: tell who may write there, and answer a comment with a sign."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from syncer.contract.model import Account, Observed


@runtime_checkable
class Permitting(Protocol):
    """A connector whose tracker lets more people comment than may change what an item shows."""

    def may_write(self, account: Account) -> bool:
        """Whether an account may write to the scope, asked of the tracker now. Raises TrackerError.

        `account.id` is what the tracker calls it now; an account of that name with another `native` may not.
        """
        ...


@runtime_checkable
class Reacting(Protocol):
    """A connector whose tracker shows signs below a comment, of which nobody is told."""

    def react(self, comment: Observed, *, done: bool) -> None:
        """Sets our sign below a comment: that it was done, or that it was not. The same sign twice is one.

        Raises TrackerError.
        """
        ...
