"""The engine under arbitrary histories: people on both sides, lost answers, crashes, a lagging index, a lost state.

Invariants (the guarantees of the README): at most one mirror of an item at any time; after three undisturbed runs both
sides agree or the difference waits as a conflict; then a run writes nothing; nothing restricted crosses; a deleted item
never comes back.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from syncer.contract.model import Audience, Category, Field, Kind, Observed, Side, Status
from syncer.core.change import Tally
from syncer.core.markers import marker_source
from syncer.core.records import LinkedItems
from syncer.core.view import ends_of
from tests.depth import thorough
from tests.truth import silent_differences
from tests.worlds import GITHUB_STATUSES, JIRA_STATUSES, World

SIDES = st.sampled_from(list(Side))
WORDS = st.sampled_from(["alpha", "beta", "gamma", "支付", "退款 失败", "*star*", "a\n\nb", "a\n\nb\n\nc", ""])
LABELS = st.sets(st.sampled_from(["red", "Blue", "deep_green", "two words", "priority: high"]), max_size=3)
PEOPLE = {Side.LEFT: ["li.wei", "mia.braun", "only.jira"], Side.RIGHT: ["liwei", "miab", "onlygh"]}
SECRET = "canary-7431"


class Killed(BaseException):
    """The process died here."""


class SyncMachine(RuleBasedStateMachine):
    """People, faults and runs in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(mkdtemp(prefix="syncer-"))
        self.world = World(self.directory, keeps_state_open=True)
        for side, ids in PEOPLE.items():
            self.world.tracker(side).person(ids[2])
        self.deleted_titles: set[str] = set()
        self.number = 0

    def teardown(self) -> None:
        self.settle()
        self.world.close_state()
        shutil.rmtree(self.directory)

    # people

    def pick(self, side: Side, kind: Kind, data: Any) -> Observed | None:
        items = self.world.tracker(side).items(kind)
        return data.draw(st.sampled_from(items)) if items else None

    @rule(side=SIDES, body=WORDS, labels=LABELS)
    def create(self, side: Side, body: str, labels: set[str]) -> None:
        self.world.clock.tick(7)
        self.number += 1
        names = tuple(label if side is Side.RIGHT else label.replace(" ", "_") for label in labels)
        self.world.tracker(side).create(f"task {self.number}", body, by=PEOPLE[side][0], fields={Field.LABELS: names})

    @rule(side=SIDES, data=st.data(), title=st.integers(0, 99))
    def retitle(self, side: Side, data: Any, title: int) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            self.world.tracker(side).edit(item.ref, {Field.TITLE: f"{item.showing[Field.TITLE]} {title}"[:80]})

    @rule(side=SIDES, data=st.data(), text=WORDS)
    def rewrite(self, side: Side, data: Any, text: str) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            self.world.tracker(side).edit(item.ref, {Field.BODY: f"{text}\n\n{item.showing[Field.BODY]}"[:400]})

    @rule(side=SIDES, data=st.data(), labels=LABELS)
    def relabel(self, side: Side, data: Any, labels: set[str]) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            names = tuple(label if side is Side.RIGHT else label.replace(" ", "_") for label in labels)
            self.world.tracker(side).edit(item.ref, {Field.LABELS: names})

    @rule(side=SIDES, data=st.data())
    def move(self, side: Side, data: Any) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            status = data.draw(st.sampled_from(JIRA_STATUSES if side is Side.LEFT else GITHUB_STATUSES))
            self.world.tracker(side).edit(item.ref, {Field.STATUS: status})

    @rule(side=SIDES, data=st.data())
    def assign(self, side: Side, data: Any) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            most = 1 if side is Side.LEFT else 3
            who = data.draw(st.lists(st.sampled_from(PEOPLE[side]), max_size=most, unique=True))
            self.world.tracker(side).edit(item.ref, {Field.ASSIGNEES: tuple(who)})

    @rule(side=SIDES, data=st.data(), field=st.sampled_from([Field.PARENT, Field.BLOCKED_BY]), given=st.booleans())
    def tie(self, side: Side, data: Any, field: Field, given: bool) -> None:
        self.world.clock.tick(7)
        item, end = self.pick(side, Kind.TASK, data), self.pick(side, Kind.TASK, data)
        if item is not None and end is not None and item.ref != end.ref:
            one = end.ref.id if given else None
            several = (end.ref.id,) if given else ()
            self.world.tracker(side).edit(item.ref, {field: one if field is Field.PARENT else several})

    @rule(side=SIDES, data=st.data(), text=WORDS, secret=st.booleans())
    def comment(self, side: Side, data: Any, text: str, secret: bool) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            audience = Audience.RESTRICTED if secret else None
            self.world.tracker(side).comment(item.ref, f"{SECRET if secret else 'said'} {text}", audience=audience)

    @rule(side=SIDES, data=st.data(), text=WORDS)
    def edit_comment(self, side: Side, data: Any, text: str) -> None:
        self.world.clock.tick(7)
        item = self.pick(side, Kind.COMMENT, data)
        if item is not None and item.audience is not Audience.RESTRICTED:
            self.world.tracker(side).edit(item.ref, {Field.BODY: f"{item.showing[Field.BODY]}\n\n{text}"[:400]})

    @rule(side=SIDES, data=st.data())
    def delete_comment(self, side: Side, data: Any) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.COMMENT, data)) is not None:
            self.world.tracker(side).delete(item.ref)

    @precondition(lambda self: len(self.world.left.items()) + len(self.world.right.items()) > 4)
    @rule(side=SIDES, data=st.data())
    def delete_task(self, side: Side, data: Any) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            self.world.tracker(side).delete(item.ref)

    # faults

    @rule(side=SIDES, lag=st.integers(0, 300))
    def lag(self, side: Side, lag: int) -> None:
        self.world.tracker(side).index_lag = timedelta(seconds=lag)

    @rule(side=SIDES, committed=st.booleans())
    def lose_an_answer(self, side: Side, committed: bool) -> None:
        self.world.tracker(side).lose_next_answer(committed=committed)

    @rule(side=SIDES, after=st.integers(0, 12), committed=st.booleans())
    def sync_and_die(self, side: Side, after: int, committed: bool) -> None:
        tracker = self.world.tracker(side)
        tracker.interrupt(Killed(), after=after, committed=committed)
        try:
            self.world.sync()
        except Killed:
            self.world.close_state()
        finally:
            tracker.clear_faults()

    @rule(sweep=st.booleans())
    def sync(self, sweep: bool) -> None:
        self.world.sync(sweep=sweep)

    @rule()
    def lose_the_state(self) -> None:
        self.settle()
        self.world.close_state()
        shutil.rmtree(self.directory / "state", ignore_errors=True)

    @rule()
    def back_up(self) -> None:
        self.world.close_state()
        shutil.rmtree(self.directory / "backup", ignore_errors=True)
        if (self.directory / "state").exists():
            shutil.copytree(self.directory / "state", self.directory / "backup")

    @rule()
    def restore_the_backup(self) -> None:
        if (self.directory / "backup").exists():
            self.settle()
            self.world.close_state()
            shutil.rmtree(self.directory / "state")
            shutil.copytree(self.directory / "backup", self.directory / "state")

    # invariants

    @invariant()
    def one_mirror_of_each(self) -> None:
        for side in Side:
            tracker = self.world.tracker(side)
            for kind in (Kind.TASK, Kind.COMMENT):
                sources = Counter(marker_source(["pay"], item.marker) for item in tracker.items(kind) if item.marker)
                assert all(count == 1 for count in sources.values()), sources

    @invariant()
    def nothing_restricted_crosses(self) -> None:
        for side in Side:
            for item in self.world.tracker(side).items(Kind.COMMENT):
                if SECRET in str(item.showing[Field.BODY]):
                    assert item.audience is Audience.RESTRICTED, item

    def settle(self) -> None:
        for side in Side:
            self.world.tracker(side).clear_faults()
            self.world.tracker(side).index_lag = timedelta(0)
        self.world.clock.tick(600)
        for _ in range(4):
            tally = self.sync_with_consent()
            self.world.clock.tick(24 * 3600)
        assert tally.outcome in {"clean", "held", "refused"}, tally
        if tally.outcome == "refused":
            return
        last = self.world.sync()
        assert last.writes == 0, last
        self.both_sides_agree()

    def sync_with_consent(self) -> Tally:
        """A run by somebody who does what it asks for: an older copy is restored, creates are approved by number."""
        tally = self.world.sync(sweep=True)
        if tally.outcome == "refused" and "syncer restore --here" in tally.message:
            with self.world.context() as context:
                context.store.restore_here("by hand")
            tally = self.world.sync(sweep=True)
        if tally.outcome == "refused":
            tally = self.world.sync(sweep=True, approve=tally.approve)
        number = re.search(r"--approve-creates (\d+)", tally.message)
        return tally if number is None else self.world.sync(sweep=True, approve_creates=int(number[1]))

    def both_sides_agree(self) -> None:
        with self.world.context() as context:
            waiting = {(row.link, row.field) for row in context.store.conflicts("pay")}
            waiting |= {
                (items.link.id, one.field) for items in context.store.differing("pay") for one in items.link.differs
            }
            assert silent_differences(context) == []
            every = list(context.store.links("pay", state=None))
            for items in every:
                left, right = items.left, items.right
                if left is None or right is None or items.link.state.value != "active":
                    continue
                if items.link.kind is Kind.TASK:
                    self.task_agrees(items.link.id, left, right, waiting)

        if not any(items.link.reason for items in every):  # a ring, or an edge to what cannot be seen
            self.edges_agree(every, waiting)

    def edges_agree(self, every: Sequence[LinkedItems], waiting: set[tuple[str, Field]]) -> None:
        """What leads from one linked task to another does so on both sides."""
        shown = [(items.link, items.left, items.right) for items in every if items.link.kind is Kind.TASK]
        kept = [(link, left, right) for link, left, right in shown if left and right and link.state.value == "active"]
        partner = {link.left.id: link.right.id for link, _, _ in kept}
        for link, left, right in kept:
            for field in (Field.PARENT, Field.BLOCKED_BY):
                if (link.id, field) not in waiting:
                    mine = {partner[end] for end in ends_of(left.showing[field]) if end in partner}
                    assert mine == set(ends_of(right.showing[field])) & set(partner.values()), (field, link)

    def task_agrees(self, link: str, left: Observed, right: Observed, waiting: set[tuple[str, Field]]) -> None:
        if (link, Field.TITLE) not in waiting:
            assert left.showing[Field.TITLE] == right.showing[Field.TITLE]
        if (link, Field.STATUS) not in waiting:
            one, two = left.showing[Field.STATUS], right.showing[Field.STATUS]
            assert isinstance(one, Status)
            assert isinstance(two, Status)
            assert (one.category is Category.DONE) == (two.category is Category.DONE), (one, two)
        if (link, Field.LABELS) not in waiting:
            plain, other = ({str(label) for label in item.showing[Field.LABELS] or ()} for item in (left, right))  # type: ignore[union-attr]
            plain = {label.replace("_", " ").replace("%5F", "_").casefold() for label in plain}
            other = {label.casefold() for label in other}
            ignored = {"status: in progress"} | {label for label in plain | other if label.startswith("priority: ")}
            assert plain - ignored == other - ignored, (plain, other)


SyncMachine.TestCase.settings = settings(
    max_examples=600 if thorough() else 12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestSync = pytest.mark.timeout(6 * 3600 if thorough() else 600)(SyncMachine.TestCase)
