"""Who may read what reports are made from. Apart from what makes them: `syncer check` asks it without their extra."""

from __future__ import annotations

from syncer.app.wiring import build_rules
from syncer.contract.model import Audience, Side
from syncer.core.audience import of_scope
from syncer.settings import Settings
from syncer.store import Store


def least_audience(settings: Settings, store: Store) -> Audience:
    """Who may read every scope the report is made from; unknown counts as nobody."""
    found = []
    for pair in settings.pairs:
        rules = build_rules(settings, pair)
        for side in Side:
            state = store.pairs.side(pair.name, side)
            found.append(Audience.RESTRICTED if state is None else of_scope(rules, side, state.audience))
    return min(found)
