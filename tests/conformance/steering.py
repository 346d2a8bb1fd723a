"""The engine between a tracker of a conformance suite and one in memory: what people steer is left alone.

Beside the suite of the contract, because it needs the engine: a third party's connector has the contract alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.memory import MemoryConnector, MemoryTracker
from syncer.contract.conformance import World
from syncer.contract.model import Audience, Field, Kind, Ref, Side
from syncer.core.rules import Command, CommandRules, MappedPerson, PairRules
from syncer.richtext import Document, Paragraph, Run
from syncer.store import Lease
from syncer.sync import steering
from syncer.sync.context import PairContext
from syncer.sync.lineage import introduce
from syncer.sync.run import run_pair
from syncer.sync.steering import Spot
from tests.kept import KeptStates


class Between:
    """The tracker on the left, one in memory on the right, one state."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world, self.directory = world, directory
        self.memory = MemoryTracker(world.now, name="other", audience=Audience.MEMBERS)
        self.rules = PairRules("pay")
        self.states = KeptStates(world.now)

    @contextmanager
    def context(self) -> Iterator[PairContext]:
        connectors = {Side.LEFT: self.world.open_connector(), Side.RIGHT: MemoryConnector(self.memory)}
        yield PairContext(
            rules=self.rules, connectors=connectors, store=self.states.at(self.directory / "state"), fingerprint="1",
            clock=self.world.now, credentials={side: side.value for side in Side}, sleep=self.world.time_passes,
            addresses={side: side.value for side in Side},
        )  # fmt: skip
        for connector in connectors.values():
            connector.close()

    def sync(self, *, sweep: bool = False) -> int:
        """One run, a minute later; how much it wrote."""
        self.world.time_passes(60)
        with self.context() as context:
            tally = run_pair(context, sweep=sweep)
        assert tally.outcome == "clean", tally
        self.world.time_passes(60)
        return tally.writes

    @contextmanager
    def steered(self, task: Ref) -> Iterator[tuple[PairContext, Lease, Spot]]:
        """A task of the tracker, under the lease of the pair."""
        with self.context() as context, context.store.lease("pay", context.identity()) as lease:
            item = context.store.observed.get("pay", Side.LEFT, task)
            assert item is not None
            introduce(context, lease)
            yield context, lease, Spot(context.store, "pay", Side.LEFT, item)

    def partner(self, task: Ref) -> Ref:
        with self.context() as context:
            found = context.store.links.partner("pay", Side.LEFT, task)
        assert found is not None
        return found

    def quiet(self) -> None:
        """Five runs, one of them a complete reading, write nothing, on either side."""
        before = [self.world.count(kind) for kind in Kind], list(self.memory.writes)
        assert [self.sync(sweep=number == 2) for number in range(5)] == [0] * 5
        assert ([self.world.count(kind) for kind in Kind], list(self.memory.writes)) == before

    def paused(self) -> list[str]:
        with self.context() as context:
            return [one.by for one in context.store.paused.listed("pay")]


class SteeringSuite(World):
    """Unlinked, paused, read anew, and a command in a comment."""

    def source_of(self, words: str) -> str:
        connector = self.open_connector()
        written = connector.markup.write(Document((Paragraph((Run(words),)),))).source
        connector.close()
        return written

    def test_what_is_unlinked_paused_or_read_anew_is_left_alone_by_five_runs(self, tmp_path: Path) -> None:
        between = Between(self, tmp_path)
        unlinked, paused, read = (self.person_creates(title) for title in ("Unlinked", "Paused", "Read anew"))
        between.sync()
        by: dict[str, Any] = {"by": "ada", "since": self.now(), "why": ""}
        partners = {task: between.partner(task) for task in (unlinked, paused, read)}
        with between.steered(unlinked) as (_, lease, spot):
            steering.unlink(spot, lease, **by)
        with between.steered(paused) as (_, lease, spot):
            steering.pause(spot, lease, **by, until=None)
        for task in (unlinked, paused):
            self.person_edits(task, {Field.TITLE: "Renamed"})
            self.person_comments(task, self.source_of("Said meanwhile"))
            between.memory.edit(partners[task], {Field.LABELS: ("urgent",)})
        with between.steered(read) as (context, lease, spot):
            assert steering.resync(context, lease, spot).failed == ()
        between.quiet()
        shown = {task: between.memory.show(partner).showing[Field.TITLE] for task, partner in partners.items()}
        assert shown == {unlinked: "Unlinked", paused: "Paused", read: "Read anew"}

    def test_a_command_in_a_comment_is_obeyed_once_and_nothing_else_is_written(self, tmp_path: Path) -> None:
        between = Between(self, tmp_path)
        task = self.person_creates("Task")
        between.sync()
        self.person_comments(task, self.source_of("Hello"))
        between.sync()
        with between.context() as context:
            (hello,) = context.store.observed.comments_of("pay", Side.LEFT, task)
            account = hello.author
        assert account is not None
        person = MappedPerson("Mia", {Side.LEFT: account.id})
        commands = CommandRules(frozenset(Command), ("Mia",))
        between.rules = replace(between.rules, people=(person,), commands=commands)
        between.sync()
        self.person_comments(task, self.source_of("/pause"))
        between.sync()
        assert between.paused() == ["Mia, in a comment"]
        self.person_edits(task, {Field.TITLE: "Renamed"})
        between.quiet()
        self.person_comments(task, self.source_of("/resume"))
        between.sync()
        assert between.paused() == []
        mirrored = [one.showing[Field.BODY] for one in between.memory.items(Kind.COMMENT)]
        assert ["Hello" in str(body) for body in mirrored] == [True]
        assert between.memory.show(between.partner(task)).showing[Field.TITLE] == "Renamed"
        between.quiet()
