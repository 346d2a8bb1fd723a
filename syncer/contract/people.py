"""Accounts that can be renamed: how they are found by what never changes about them."""

from __future__ import annotations

from typing import Protocol, TypeGuard, runtime_checkable

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


def can_rename(connector: object) -> TypeGuard[Renaming]:
    """Whether an account of a connector's tracker may be called otherwise tomorrow."""
    return isinstance(connector, Renaming) and connector.accounts_change
