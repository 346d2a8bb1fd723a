"""What may be carried from whom to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Side, Version
from syncer.core.audience import AudienceDoubt, as_known, may_carry
from syncer.core.rules import PairRules

NOW = datetime(2026, 11, 16, tzinfo=UTC)
RESTRICTED, MEMBERS, ORGANIZATION, PUBLIC = Audience


def item(audience: Audience) -> Observed:
    return Observed(Ref(Kind.TASK, "1"), "PAY-1", "", Version("1"), NOW, NOW, {}, audience)


@pytest.mark.parametrize("source_scope", Audience)
@pytest.mark.parametrize("source_item", Audience)
@pytest.mark.parametrize("target_scope", Audience)
@pytest.mark.parametrize("published", [False, True])
def test_text_never_widens_its_audience_unless_published_and_restricted_text_never_moves(
    source_scope: Audience, source_item: Audience, target_scope: Audience, published: bool
) -> None:
    rules = PairRules("pay", publish=frozenset({"title"} if published else ()))
    scopes = {Side.LEFT: source_scope, Side.RIGHT: target_scope}
    allowed = may_carry(rules, "title", Side.RIGHT, scopes, item(source_item), None)
    restricted = RESTRICTED in (source_scope, source_item)
    readers = min(source_scope, source_item)
    # A target nobody could judge may be public.
    target = PUBLIC if target_scope is RESTRICTED else target_scope
    assert allowed == (not restricted and (target <= readers or published))


def from_members(rules: PairRules, scope: Audience, target: Audience) -> bool:
    scopes = {Side.LEFT: MEMBERS, Side.RIGHT: scope}
    return may_carry(rules, "title", Side.RIGHT, scopes, item(MEMBERS), item(target))


@pytest.mark.parametrize("target", Audience)
def test_what_was_read_of_a_target_never_hides_that_its_scope_is_public(target: Audience) -> None:
    assert not from_members(PairRules("pay"), PUBLIC, target)


def test_a_target_that_is_wider_than_its_scope_is_judged_by_itself() -> None:
    assert not from_members(PairRules("pay"), MEMBERS, PUBLIC)
    assert from_members(PairRules("pay"), MEMBERS, MEMBERS)


def test_a_declared_audience_is_that_of_the_items_too() -> None:
    assert from_members(PairRules("pay", audience={Side.RIGHT: MEMBERS}), MEMBERS, PUBLIC)


def untold(version: str = "1") -> Observed:
    return replace(item(Audience.RESTRICTED), version=Version(version), audience_untold=True)


@pytest.mark.parametrize(
    ("known", "scope", "expected"),
    [
        (item(MEMBERS), MEMBERS, (MEMBERS, False)),
        (item(MEMBERS), PUBLIC, (PUBLIC, False)),
        (item(PUBLIC), MEMBERS, (MEMBERS, False)),
        (item(Audience.RESTRICTED), PUBLIC, (Audience.RESTRICTED, True)),
        (replace(item(MEMBERS), version=Version("0")), MEMBERS, (Audience.RESTRICTED, True)),
        (replace(item(MEMBERS), version=Version("")), MEMBERS, (MEMBERS, False)),
        (replace(item(MEMBERS), version=Version(""), showing={Field.TITLE: "x"}), MEMBERS, (Audience.RESTRICTED, True)),
        (untold(), MEMBERS, (Audience.RESTRICTED, True)),
        (item(MEMBERS), Audience.RESTRICTED, (Audience.RESTRICTED, True)),
        (None, MEMBERS, (Audience.RESTRICTED, True)),
    ],
)
def test_readers_that_were_told_once_are_those_of_the_same_version(
    known: Observed | None, scope: Audience, expected: tuple[Audience, bool]
) -> None:
    found = as_known(untold(), known, scope)
    assert (found.audience, found.audience_untold) == expected


def test_a_doubt_is_read_back_from_its_key() -> None:
    for doubt in (AudienceDoubt(Side.LEFT, None, "why: so"), AudienceDoubt(Side.RIGHT, Ref(Kind.TASK, "7"), "why: so")):
        assert AudienceDoubt.parse(doubt.key) == doubt
    assert AudienceDoubt.parse("conflict:7") is None
