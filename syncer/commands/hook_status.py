"""What `syncer status` tells of webhooks: who receives, what became of deliveries, which pairs are polled rarely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from syncer.commands.output import ago, console, table
from syncer.core.amounts import span

if TYPE_CHECKING:
    from syncer.settings import Settings
    from syncer.store import Store

GOOD = ("accepted", "repeated", "ignored", "ping", "unknown")
"""What became of deliveries that were signed as they should be."""


def hooks_as_json(store: Store, settings: Settings, moment: datetime) -> dict[str, Any] | None:
    """Receivers, deliveries by tracker, and when each side of a pair was heard from; None where nobody receives."""
    receivers = store.hints.receivers()
    if not receivers:
        return None
    from syncer.commands.polling import rare_polling
    from syncer.contract.model import Side
    from syncer.store.hints import HeardOf

    counts: dict[str, dict[str, int]] = {}
    last: dict[str, str] = {}
    for one in receivers:
        for tracker, told in one.counts.items():
            mine = counts.setdefault(tracker, {})
            mine.update({word: mine.get(word, 0) + count for word, count in told.items()})
        last.update({tracker: max(at, last.get(tracker, "")) for tracker, at in one.last.items()})
    heard = store.hints.heard([pair.name for pair in settings.pairs])
    pairs = {}
    for pair in settings.pairs:
        rare = rare_polling(settings, pair)
        at = heard.get(pair.name, HeardOf()).at
        pairs[pair.name] = {
            "heard": {side.value: at[side].isoformat() if side in at else None for side in Side},
            "polled_as_ever": None if rare is None else rare.doubt(store, moment),
        }
    return {
        "receivers": [
            {"name": one.name, "silent_seconds": round((moment - one.at).total_seconds()), "since": one.since}
            for one in receivers
        ],
        "trackers": {name: {"results": counts[name], "last": last.get(name)} for name in sorted(counts)},
        "pairs": pairs,
    }


def tell_hooks(hooks: Mapping[str, Any], moment: datetime) -> None:
    """Shows the same to a person."""
    rows = [(name or "of no tracker", *_row(told, moment)) for name, told in hooks["trackers"].items()]
    table("Webhooks", ("tracker", "accepted", "of no use", "refused", "last one"), rows)
    for line in _lines(hooks):
        console().print(line)


def _row(told: Mapping[str, Any], moment: datetime) -> tuple[object, ...]:
    results = told["results"]
    refused = {word: count for word, count in results.items() if word not in GOOD}
    said = ", ".join(f"{count} {word}" for word, count in sorted(refused.items())) or 0
    last = None if told["last"] is None else datetime.fromisoformat(told["last"])
    useless = sum(results.get(word, 0) for word in GOOD[1:])
    return results.get("accepted", 0), useless, said, ago(last, moment)


def _lines(hooks: Mapping[str, Any]) -> Iterator[str]:
    from syncer.app.hints import ALIVE

    for one in hooks["receivers"]:
        silent = timedelta(seconds=one["silent_seconds"])
        if silent > ALIVE:
            yield f"receiver {one['name']}: no sign for {span(silent)}; pairs are polled by `schedule`: syncer hooks"
    for name, pair in hooks["pairs"].items():
        if pair["polled_as_ever"] == "":
            yield f"{name}: webhooks tell of its changes; polled by `schedule-with-hooks`"
        elif pair["polled_as_ever"] is not None:
            yield f"{name}: polled by `schedule`: {pair['polled_as_ever']}"
