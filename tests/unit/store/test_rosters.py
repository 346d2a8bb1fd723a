"""Who is who: kept by the time it was read, a row only where it changed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.model import Account, Side
from syncer.contract.roster import Collaborator, ComponentLead, Group, Permission, Roster, Unread
from syncer.core.codec import decode_roster, encode_roster
from syncer.store import Lease, Store
from tests.unit.store.builders import PAIR, later

ZHAO = Account("zhao.min", "赵敏 \u202e<b>", "https://acme.example/zhao", bot=False)
FULL = Roster(
    lead=ZHAO,
    owner=ZHAO,
    components=(ComponentLead("ledger", ZHAO), ComponentLead("nobody's")),
    roles=(Group("Developers", (ZHAO,)),),
    teams=(Group("acme/backend", (ZHAO,)),),
    collaborators=(Collaborator(ZHAO, Permission.MAINTAIN),),
    code_owners="* @zhao \x00 \ud83d\n",
    code_owners_path="CODEOWNERS",
    reader=Account("bot", bot=True),
    unread=(Unread("teams", "403"),),
)


def test_nothing_is_known_before_it_was_read(store: Store) -> None:
    assert store.rosters.get(PAIR, Side.LEFT) is None


def test_what_was_read_comes_back_whole(store: Store, lease: Lease) -> None:
    store.rosters.add(lease, Side.LEFT, FULL, later(1))
    found = store.rosters.get(PAIR, Side.LEFT)
    assert found is not None
    assert (found.roster, found.read_at, found.seen_at) == (FULL, later(1), later(1))
    assert store.rosters.get(PAIR, Side.RIGHT) is None


def test_the_same_again_is_only_seen_again(store: Store, lease: Lease) -> None:
    store.rosters.add(lease, Side.LEFT, FULL, later(1))
    store.rosters.add(lease, Side.LEFT, FULL, later(2))
    found = store.rosters.get(PAIR, Side.LEFT)
    assert found is not None
    assert (found.read_at, found.seen_at) == (later(1), later(2))


def test_a_past_moment_keeps_its_own(store: Store, lease: Lease) -> None:
    changed = replace(FULL, lead=None)
    store.rosters.add(lease, Side.LEFT, FULL, later(1))
    store.rosters.add(lease, Side.LEFT, changed, later(5))

    def known(minutes: float) -> Roster | None:
        found = store.rosters.get(PAIR, Side.LEFT, later(minutes))
        return None if found is None else found.roster

    assert [known(minutes) for minutes in (0, 1, 4.9, 5, 60)] == [FULL, FULL, FULL, changed, changed]


@given(st.text(), st.text(), st.sampled_from(list(Permission)))
def test_any_names_survive_the_codec(name: str, login: str, permission: Permission) -> None:
    somebody = Account(login, name)
    roster = Roster(
        roles=(Group(name, (somebody,)),), collaborators=(Collaborator(somebody, permission),), code_owners=name
    )
    assert decode_roster(encode_roster(roster)) == roster
