"""A roster as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from syncer.contract.model import Account
from syncer.contract.roster import Collaborator, ComponentLead, Group, Permission, Roster, Unread


def encode_roster(roster: Roster) -> dict[str, Any]:
    """A JSON-able form from which `decode_roster` restores the roster."""
    return asdict(roster)


def decode_roster(encoded: Mapping[str, Any]) -> Roster:
    """The roster that `encode_roster` was given."""
    return Roster(
        lead=_account(encoded["lead"]),
        owner=_account(encoded["owner"]),
        components=tuple(ComponentLead(one["name"], _account(one["lead"])) for one in encoded["components"]),
        roles=_groups(encoded["roles"]),
        teams=_groups(encoded["teams"]),
        collaborators=tuple(
            Collaborator(Account(**one["account"]), Permission(one["permission"])) for one in encoded["collaborators"]
        ),
        code_owners=encoded["code_owners"],
        code_owners_path=encoded["code_owners_path"],
        reader=_account(encoded["reader"]),
        unread=tuple(Unread(**one) for one in encoded["unread"]),
    )


def _account(encoded: Mapping[str, Any] | None) -> Account | None:
    return None if encoded is None else Account(**encoded)


def _groups(encoded: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group(one["name"], tuple(Account(**each) for each in one["members"])) for one in encoded)
