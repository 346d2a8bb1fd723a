"""Two trackers in memory between which something is held for each reason there is, and how a test puts them back.

`tests/golden/states/held` has what both trackers held and the state that revision 0014 of the schema left beside them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from connectors.memory import MemoryConnector, MemoryTracker
from connectors.memory.tracker import MemoryItem
from syncer.contract.connector import Intent, Known, Page
from syncer.contract.errors import Ambiguous, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Account, Cursor, Draft, Marker, Observed, Patch, Ref, Side
from syncer.core.change import Tally
from syncer.core.codec import decode_observed, encode_observed
from syncer.sync.run import run_pair
from tests.worlds import TYPE_MAP, World

GOLDEN = Path(__file__).resolve().parent / "golden" / "states" / "held"


class Obstinate(MemoryConnector):
    """Keeps items out of its listing, and fails on request."""

    def __init__(self, tracker: MemoryTracker) -> None:
        super().__init__(tracker)
        self.unlisted: set[Ref] = set()
        """Shown when asked for, and listed no more."""
        self.moved: dict[Ref, str] = {}
        """In another scope by now."""
        self.failing: dict[str, TrackerError] = {}
        """What a write of something with this word meets."""
        self.lost: set[str] = set()
        """What a create with this word meets: its answer is lost, and nobody tells what it did."""

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        apart = self.unlisted | self.moved.keys()
        for page in super().changes(since, known, fresh):
            shown = tuple(item for item in page.observed if item.ref not in apart and item.parent not in apart)
            yield replace(page, observed=shown, complete=page.complete - apart)

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        answers = super().read(items)
        return [
            Gone("it was moved", moved_to=self.moved[item.ref]) if item.ref in self.moved else answer
            for item, answer in zip(items, answers, strict=True)
        ]

    def update(self, item: Observed, patch: Patch) -> Observed:
        for word, error in self.failing.items():
            if word in f"{item.showing} {patch}":
                raise error
        return super().update(item, patch)

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        for draft in drafts:
            if any(word in str(draft.fields) for word in self.lost):
                raise Ambiguous("the answer was lost")
            for word, error in self.failing.items():
                if word in str(draft.fields):
                    raise error
        return super().create(drafts)

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        if any(word in str(intent.draft.fields) for intent in intents for word in self.lost):
            raise Rejected("this server keeps no markers")
        return super().find(intents)


class HeldWorld(World):
    """A world whose connectors last, so that what they keep back stays kept back."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rules = replace(self.rules, type=TYPE_MAP, default_type={Side.LEFT: "Task"})
        self.connectors = {side: Obstinate(self.tracker(side)) for side in Side}
        self.location: Path | str = self.directory / "state"

    def run(self, *, sweep: bool = False, hours: float = 0, **overrides: Any) -> Tally:
        """One run, so many hours later."""
        self.clock.tick(60 + hours * 3_600)
        with self.held_context(**overrides) as context:
            tally = run_pair(context, sweep=sweep)
        self.clock.tick()
        return tally

    def held_context(self, **overrides: Any) -> Any:
        """A context with the lasting connectors; the left side has a filter, the right one is whole."""
        return self.context(
            connectors=self.connectors, whole=frozenset({Side.RIGHT}), location=self.location, **overrides
        )


def dump(world: HeldWorld) -> dict[str, Any]:
    """What both trackers hold, as JSON."""
    return {"now": world.clock().isoformat(), **{side.value: _dumped(world, side) for side in Side}}


def _dumped(world: HeldWorld, side: Side) -> dict[str, Any]:
    tracker, connector = world.tracker(side), world.connectors[side]
    return {
        "items": [[encode_observed(record.item), record.revision] for record in tracker._records.values()],
        "people": {
            name: [one.id, one.name, one.url, one.bot, one.native] for name, one in sorted(tracker.people.items())
        },
        "hidden": sorted(str(ref) for ref in tracker._hidden),
        "last": [tracker._last_id, tracker._last_event, tracker._last_person],
        "refused": sorted(tracker.refused),
        "unlisted": sorted(str(ref) for ref in connector.unlisted),
        "moved": {str(ref): to for ref, to in sorted(connector.moved.items())},
    }


def put_back(world: HeldWorld, dumped: Mapping[str, Any]) -> None:
    """Gives both trackers what `dump` found in them, and the clock its time."""
    world.clock.now = datetime.fromisoformat(dumped["now"])
    for side in Side:
        held, tracker, connector = dumped[side.value], world.tracker(side), world.connectors[side]
        for encoded, revision in held["items"]:
            item = decode_observed(encoded)
            tracker._records[item.ref] = MemoryItem(item, revision, item.updated)
        tracker.people = {name: Account(*values) for name, values in held["people"].items()}
        tracker._hidden = {Ref.parse(ref) for ref in held["hidden"]}
        tracker._last_id, tracker._last_event, tracker._last_person = held["last"]
        tracker.refused = set(held["refused"])
        connector.unlisted = {Ref.parse(ref) for ref in held["unlisted"]}
        connector.moved = {Ref.parse(ref): to for ref, to in held["moved"].items()}
    fail(world)


def fail(world: HeldWorld) -> None:
    """Has the writes fail of whose failing the state tells."""
    right = world.connectors[Side.RIGHT]
    right.failing = {
        "fails for good": Retryable("the server failed (502)"),
        "failed once": Retryable("the server failed (503)"),
        "is limited": Retryable("too many edits of this one", after=timedelta(hours=1), item=True),
        "never taken": Rejected("this title is not taken"),
        "refused tombstone": Rejected("its comments are locked"),
    }
    right.lost = {"lost for good"}


def golden_world(directory: Path) -> HeldWorld:
    """Trackers and state as revision 0014 left them."""
    world = HeldWorld(directory)
    world._ids = count(10_000)  # none that the state has
    put_back(world, json.loads(gzip.decompress((GOLDEN / "trackers.json.gz").read_bytes())))
    state = directory / "state"
    state.mkdir(mode=0o700)
    (state / "state.db").write_bytes(gzip.decompress((GOLDEN / "state.db.gz").read_bytes()))
    (state / "state.db").chmod(0o600)
    return world
