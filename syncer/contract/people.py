"""Accounts that can be renamed: how they are found by what never changes about them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from syncer.contract.model import Account


@runtime_checkable
class Renaming(Protocol):
    """A connector of a tracker in which an account may get another `Account.id`, and its old one another person."""

    @property
    def accounts_change(self) -> bool:
        """Whether that can happen: not on Jira Cloud, where an accountId is for good."""
        ...

    def account_of(self, native: str) -> Account | None:
        """The account with an `Account.native` as it is called now, asked of the tracker; None where it tells none."""
        ...


def renaming(connector: object) -> Renaming | None:
    """A connector as one of a tracker whose accounts may be called otherwise tomorrow; None where they may not."""
    return connector if isinstance(connector, Renaming) and connector.accounts_change else None
