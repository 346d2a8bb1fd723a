"""What may be carried from whom to whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncer.contract.model import Audience, Kind, Observed, Ref, Version
from syncer.core.audience import may_carry
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
    allowed = may_carry(rules, "title", item(source_item), source_scope, target_scope, None)
    restricted = RESTRICTED in (source_scope, source_item)
    readers = min(source_scope, source_item)
    # A target nobody could judge may be public.
    target = PUBLIC if target_scope is RESTRICTED else target_scope
    assert allowed == (not restricted and (target <= readers or published))


def test_a_target_that_is_narrower_than_its_scope_is_judged_by_itself() -> None:
    rules = PairRules("pay")
    assert not may_carry(rules, "title", item(MEMBERS), MEMBERS, PUBLIC, item(PUBLIC))
    assert may_carry(rules, "title", item(MEMBERS), MEMBERS, PUBLIC, item(MEMBERS))
