"""Arbitrary histories of a pair: people on both sides, faults, accidents with the state, and the engine between them.

What must hold at any moment: an item has one mirror at most, nothing restricted crosses, and nothing that was written
while everybody could read the other side. What must hold in the end (an hour after the last fault, after three runs of
which the last reads completely): every person's edit is accounted for (`tests.diary`), whatever differs is listed
(`tests.truth`), and a further run writes nothing.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from syncer.contract.capabilities import RateLimit
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.errors import Rejected, Retryable
from syncer.contract.model import Audience, Field, Kind, Marker, Observed, Ref, Side, Value
from syncer.core.change import Tally
from syncer.core.markers import marker_source
from syncer.core.records import LinkState
from syncer.core.side_view import ends_of
from syncer.sync.adopt import adopt
from syncer.sync.ledger import waiting
from syncer.sync.twins import find_twins
from tests.diary import Diary, silently_apart
from tests.truth import silent_differences
from tests.worlds import GITHUB_STATUSES, JIRA_STATUSES, World

SIDES = st.sampled_from(list(Side))
WORDS = st.sampled_from(["alpha", "支付", "退款 失败", "*star*", "a\n\nb", ""])
LABELS = st.sets(st.sampled_from(["red", "Blue", "deep_green", "two words", "priority: high"]), max_size=3)
IGNORABLE = st.sets(st.sampled_from([Field.LABELS, Field.ASSIGNEES, Field.STATUS, Field.TITLE]), min_size=1, max_size=2)
SECRET = "canary-7431"
DECLARED = {
    "points": (CustomField(CustomType.NUMBER, "Story points"), CustomField(CustomType.NUMBER, "Estimate")),
    "urgency": (
        CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low", "Someday")),
        CustomField(CustomType.CHOICE, "Level", options=("high", "Low")),
    ),
    "areas": (
        CustomField(CustomType.CHOICES, "Areas", options=("API", "Docs", "Web")),
        CustomField(CustomType.CHOICES, "Parts", options=("API", "Web")),
    ),
    "note": (CustomField(CustomType.TEXT, "Note"), CustomField(CustomType.TEXT, "Remark")),
    "tester": (CustomField(CustomType.PERSON, "Tester"), CustomField(CustomType.PERSON, "QA")),
}
"""Fields of people's own making; not every option has a counterpart."""


class Killed(BaseException):
    """The process died here."""


class SyncMachine(RuleBasedStateMachine):
    """People, faults and runs in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(mkdtemp(prefix="syncer-"))
        self.world = World(self.directory)
        self.people = {Side.LEFT: ["li.wei", "mia.braun", "only.jira"], Side.RIGHT: ["liwei", "miab", "onlygh"]}
        for side, ids in self.people.items():
            self.world.tracker(side).person(ids[2])
        self.custom = {name: self.world.declare(name, left, right) for name, (left, right) in DECLARED.items()}
        self.diary = Diary()
        self.private: set[str] = set()
        """Tokens that were written on the left while everybody could read the right."""
        self.number = 0

    def teardown(self) -> None:
        self.settle()
        self.world.states.close()
        shutil.rmtree(self.directory)

    # people

    def pick(self, side: Side, kind: Kind, data: Any) -> Observed | None:
        items = self.world.tracker(side).items(kind)
        return data.draw(st.sampled_from(items)) if items else None

    def wrote(self, side: Side, ref: Ref, name: Field, before: str, after: str) -> None:
        """Notes what a person changed, and whether it may cross."""
        self.diary.wrote(side, ref, name, before, after)
        if side is Side.LEFT and self.world.right.audience is Audience.PUBLIC:
            self.private.update(self.diary.edits[-1].tokens)

    def spelled(self, side: Side, labels: set[str]) -> tuple[str, ...]:
        return tuple(label if side is Side.RIGHT else label.replace(" ", "_") for label in labels)

    @rule(side=SIDES, body=WORDS, labels=LABELS)
    def create(self, side: Side, body: str, labels: set[str]) -> None:
        self.world.clock.tick(7)
        title, first = self.diary.token(), self.diary.token()
        text = f"{first} {body}".strip()
        fields = {Field.LABELS: self.spelled(side, labels)}
        ref = self.world.tracker(side).create(title, text, by=self.people[side][0], fields=fields)
        self.wrote(side, ref, Field.TITLE, "", title)
        self.wrote(side, ref, Field.BODY, "", text)

    @rule(side=SIDES, data=st.data())
    def retitle(self, side: Side, data: Any) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            title = self.diary.token()
            self.wrote(side, item.ref, Field.TITLE, str(item.showing[Field.TITLE]), title)
            self.world.tracker(side).edit(item.ref, {Field.TITLE: title})

    @rule(side=SIDES, data=st.data(), text=WORDS)
    def rewrite(self, side: Side, data: Any, text: str) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            before = str(item.showing[Field.BODY])
            after = f"{self.diary.token()} {text}\n\n{before}"[:400]
            self.wrote(side, item.ref, Field.BODY, before, after)
            self.world.tracker(side).edit(item.ref, {Field.BODY: after})

    @rule(side=SIDES, data=st.data(), labels=LABELS, own=st.booleans())
    def relabel(self, side: Side, data: Any, labels: set[str], own: bool) -> None:
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            chosen = {*labels, self.diary.token()} if own else labels
            before = item.showing[Field.LABELS]
            assert isinstance(before, tuple)
            after = self.spelled(side, chosen)
            self.wrote(side, item.ref, Field.LABELS, " ".join(map(str, before)), " ".join(after))
            self.world.tracker(side).edit(item.ref, {Field.LABELS: after})

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
            who = data.draw(st.lists(st.sampled_from(self.people[side]), max_size=most, unique=True))
            self.world.tracker(side).edit(item.ref, {Field.ASSIGNEES: tuple(who)})

    @rule(side=SIDES, data=st.data(), name=st.sampled_from(sorted(DECLARED)))
    def fill(self, side: Side, data: Any, name: str) -> None:
        """A person gives a field of people's own making a value, or none."""
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            told = DECLARED[name][side is Side.RIGHT]
            value = data.draw(self.values_of(side, told))
            if isinstance(value, str) and told.type is CustomType.TEXT:
                before = str(item.showing.get(Field.declared(told.name)) or "")
                self.wrote(side, item.ref, self.custom[name], before, value)
            self.world.fill(side, self.custom[name], value, item.ref)

    def values_of(self, side: Side, told: CustomField) -> st.SearchStrategy[Value]:
        match told.type:
            case CustomType.NUMBER:
                return st.sampled_from([None, 1.0, 2.5, 1e300])
            case CustomType.TEXT:
                return st.sampled_from(["", "Acme"]).map(lambda word: f"{self.diary.token()} {word}".strip())
            case CustomType.CHOICE:
                return st.sampled_from([None, *told.options])
            case CustomType.CHOICES:
                return st.sets(st.sampled_from(told.options)).map(lambda chosen: tuple(sorted(chosen)))
            case _:
                return st.sampled_from([(), *((one,) for one in self.people[side])])

    @rule(side=SIDES, name=st.sampled_from(sorted(DECLARED)))
    def lose_a_field(self, side: Side, name: str) -> None:
        """Somebody renames the field, or takes it off the project."""
        self.world.tracker(side).custom.pop(DECLARED[name][side is Side.RIGHT].name, None)

    @rule(side=SIDES)
    def get_the_fields_back(self, side: Side) -> None:
        for told in DECLARED.values():
            self.world.tracker(side).custom[told[side is Side.RIGHT].name] = told[side is Side.RIGHT]

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
        if (item := self.pick(side, Kind.TASK, data)) is None:
            return
        if secret:
            self.world.tracker(side).comment(item.ref, f"{SECRET} {text}", audience=Audience.RESTRICTED)
            return
        said = f"{self.diary.token()} {text}".strip()
        ref = self.world.tracker(side).comment(item.ref, said)
        self.wrote(side, ref, Field.BODY, "", said)

    @rule(side=SIDES, data=st.data(), text=WORDS)
    def edit_comment(self, side: Side, data: Any, text: str) -> None:
        self.world.clock.tick(7)
        item = self.pick(side, Kind.COMMENT, data)
        if item is not None and item.audience is not Audience.RESTRICTED:
            before = str(item.showing[Field.BODY])
            after = f"{self.diary.token()} {text}\n\n{before}"[:400]
            self.wrote(side, item.ref, Field.BODY, before, after)
            self.world.tracker(side).edit(item.ref, {Field.BODY: after})

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

    @rule(side=SIDES, data=st.data())
    def copy_an_item(self, side: Side, data: Any) -> None:
        """A person copies an issue, and whatever marker is in it."""
        self.world.clock.tick(7)
        if (item := self.pick(side, Kind.TASK, data)) is not None:
            title, by = self.diary.token(), self.people[side][1]
            ref = self.world.tracker(side).create(title, str(item.showing[Field.BODY]), by=by, marker=item.marker)
            self.wrote(side, ref, Field.TITLE, "", title)

    @rule(side=SIDES, data=st.data())
    def forge_a_marker(self, side: Side, data: Any) -> None:
        """A person writes the marker of an item of the other side into one of their own."""
        self.world.clock.tick(7)
        if (item := self.pick(side.other, Kind.TASK, data)) is not None:
            title, marker = (
                self.diary.token(),
                Marker(f"{self.world.rules.name}.{side.other}.{item.ref.kind}.{item.ref.id}.0"),
            )
            ref = self.world.tracker(side).create(title, "mine", by=self.people[side][1], marker=marker)
            self.wrote(side, ref, Field.TITLE, "", title)

    @rule(side=SIDES, who=st.integers(0, 2))
    def rename_a_person(self, side: Side, who: int) -> None:
        self.number += 1
        old, new = self.people[side][who], f"{self.people[side][who].partition('~')[0]}~{self.number}"
        self.world.tracker(side).rename_person(old, new)
        self.people[side][who] = new

    @rule()
    def turn_public(self) -> None:
        self.world.right.audience = Audience.PUBLIC

    @rule()
    def turn_private(self) -> None:
        self.world.right.audience = Audience.MEMBERS
        self.private.clear()

    # faults

    @rule(side=SIDES, lag=st.integers(0, 300))
    def lag(self, side: Side, lag: int) -> None:
        self.world.tracker(side).index_lag = timedelta(seconds=lag)

    @rule(side=SIDES, committed=st.booleans())
    def lose_an_answer(self, side: Side, committed: bool) -> None:
        self.world.tracker(side).lose_next_answer(committed=committed)

    @rule(side=SIDES, after=st.integers(0, 8), refused=st.booleans())
    def fail_a_write(self, side: Side, after: int, refused: bool) -> None:
        """One of the next writes is refused, or meets a server that had no effect."""
        error = Rejected("title: not accepted today") if refused else Retryable("500 Internal Server Error")
        self.world.tracker(side).interrupt(error, after=after, writes_only=True)

    @rule(side=SIDES, fields=IGNORABLE)
    def ignore_fields(self, side: Side, fields: set[Field]) -> None:
        """Parts of requests are left out without a word, as for an account that may only read."""
        self.world.tracker(side).ignored = fields

    @rule(side=SIDES, values=st.sets(st.sampled_from(["red", "liwei", "li.wei", "deep_green"]), min_size=1, max_size=2))
    def refuse_values(self, side: Side, values: set[str]) -> None:
        self.world.tracker(side).refused = set(values)

    @rule(side=SIDES, data=st.data())
    def poison(self, side: Side, data: Any) -> None:
        """One item of the other side is refused whatever is asked for."""
        if (item := self.pick(side.other, Kind.TASK, data)) is not None:
            self.world.tracker(side).refused |= {str(item.showing[Field.TITLE])}

    @rule(side=SIDES)
    def regain_the_role(self, side: Side) -> None:
        self.world.tracker(side).ignored = set()
        self.world.tracker(side).refused = set()

    @rule(side=SIDES, terse=st.booleans())
    def answer_tersely(self, side: Side, terse: bool) -> None:
        self.world.tracker(side).terse = terse

    @rule(side=SIDES, data=st.data())
    def hide(self, side: Side, data: Any) -> None:
        """An item is not shown any more: an answer that shrinks, or a lost permission."""
        if (item := self.pick(side, Kind.TASK, data)) is not None and not self.only_seen_by_its_marker(side, item):
            self.world.tracker(side).hide(item.ref)

    def only_seen_by_its_marker(self, side: Side, item: Observed) -> bool:
        """Whether an item is ours and the state knows nothing of it: unseen, nobody could tell that it is there."""
        if item.author is None or item.author.id != "syncer":
            return False
        with self.world.context() as context:
            return context.store.links.of_item(context.name, side, item.ref) is None

    @rule(side=SIDES)
    def reveal(self, side: Side) -> None:
        for item in self.world.tracker(side).items():
            self.world.tracker(side).reveal(item.ref)

    @rule(side=SIDES, data=st.data(), kind=st.sampled_from([Kind.TASK, Kind.COMMENT]))
    def garble(self, side: Side, data: Any, kind: Kind) -> None:
        if (item := self.pick(side, kind, data)) is not None and not self.only_seen_by_its_marker(side, item):
            self.world.tracker(side).garble(item.ref)

    @rule(side=SIDES)
    def mend(self, side: Side) -> None:
        tracker = self.world.tracker(side)
        for kind in Kind:
            for item in tracker.items(kind):
                if tracker.unreadable(item.ref):
                    tracker.mend(item.ref)

    @rule(side=SIDES)
    def sync_denied(self, side: Side) -> None:
        tracker = self.world.tracker(side)
        tracker.denied = "401"
        self.world.sync()
        tracker.denied = ""

    @rule(side=SIDES, creates=st.integers(1, 2))
    def sync_within_a_budget(self, side: Side, creates: int) -> None:
        tracker = self.world.tracker(side)
        whole = tracker.capabilities
        tracker.capabilities = replace(whole, rate_limits=(RateLimit(creates, 3_600, creates_only=True),))
        self.world.sync()
        tracker.capabilities = whole

    @rule(hours=st.sampled_from([-24, -1, 0, 1, 24 * 400]))
    def set_our_clock(self, hours: int) -> None:
        self.world.skew = timedelta(hours=hours)

    @rule(side=SIDES, after=st.integers(0, 12), committed=st.booleans())
    def sync_and_die(self, side: Side, after: int, committed: bool) -> None:
        tracker = self.world.tracker(side)
        tracker.interrupt(Killed(), after=after, committed=committed)
        try:
            self.world.sync()
        except Killed:
            self.world.states.close()
        finally:
            tracker.clear_faults()

    @rule(sweep=st.booleans())
    def sync(self, sweep: bool) -> None:
        self.world.sync(sweep=sweep)

    # the state

    @rule()
    def rename_the_pair(self) -> None:
        """The file gives the pair another name and says what it was called."""
        self.number += 1
        self.world.formerly = (*self.world.formerly, self.world.rules.name)
        self.world.rules = replace(self.world.rules, name=f"pay{self.number}")

    @rule()
    def lose_the_state(self) -> None:
        self.release()
        shutil.rmtree(self.directory / "state", ignore_errors=True)

    @rule()
    def back_up(self) -> None:
        self.world.states.close()
        shutil.rmtree(self.directory / "backup", ignore_errors=True)
        if (self.directory / "state").exists():
            shutil.copytree(self.directory / "state", self.directory / "backup")

    @rule(by_hand=st.booleans())
    def restore_the_backup(self, by_hand: bool) -> None:
        if not (self.directory / "backup").exists():
            return
        self.release()
        shutil.rmtree(self.directory / "state", ignore_errors=True)
        shutil.copytree(self.directory / "backup", self.directory / "state")
        if not by_hand:
            with self.world.context() as context:
                context.store.restore_here("by command")

    def release(self) -> None:
        """Closes a state that is about to be lost, and with it what only its conflicts keep.

        Items that cannot be seen just then are shown again, and no listing is behind any more: of what it does not show
        nobody could tell that it is there.
        """
        self.world.clock.tick(300)
        for side in Side:
            self.reveal(side)
            self.mend(side)
        with self.world.context() as context:
            self.diary.release(context)
        self.world.states.close()

    # invariants

    @invariant()
    def one_mirror_of_each(self) -> None:
        names = [*self.world.formerly, self.world.rules.name]
        for side in Side:
            for kind in (Kind.TASK, Kind.COMMENT):
                ours = [
                    item for item in self.world.tracker(side).items(kind) if item.author and item.author.id == "syncer"
                ]
                sources = Counter(marker_source(names, item.marker) for item in ours if item.marker)
                assert all(count == 1 for count in sources.values()), sources

    @invariant()
    def nothing_restricted_crosses(self) -> None:
        for side in Side:
            for item in self.world.tracker(side).items(Kind.COMMENT):
                if SECRET in str(item.showing[Field.BODY]):
                    assert item.audience is Audience.RESTRICTED, item

    @invariant()
    def nothing_goes_to_everybody(self) -> None:
        if self.world.right.audience is not Audience.PUBLIC or not self.private:
            return
        for kind in (Kind.TASK, Kind.COMMENT):
            for item in self.world.right.items(kind):
                words = set(f"{item.showing.get(Field.TITLE)} {item.showing[Field.BODY]}".split())
                assert not words & self.private, item

    # the end

    def heal(self) -> None:
        """Ends what is of passage."""
        self.world.right.audience = Audience.MEMBERS
        self.private.clear()
        self.world.skew = timedelta(0)
        for side in Side:
            tracker = self.world.tracker(side)
            tracker.clear_faults()
            tracker.index_lag = timedelta(0)
            tracker.terse = False
            self.regain_the_role(side)
            self.reveal(side)
            self.mend(side)
            self.get_the_fields_back(side)

    def settle(self) -> None:
        self.heal()
        self.world.clock.tick(3_600)
        for sweep in (False, False, True):
            tally = self.sync_with_consent(sweep=sweep)
        assert tally.outcome in {"clean", "held"}, tally
        last = self.world.sync()
        assert last.writes == 0, last
        self.all_is_told()

    def sync_with_consent(self, *, sweep: bool) -> Tally:
        """A run by somebody who does what it asks for.

        What looks alike is linked, an older copy is restored, creates are approved by number.
        """
        tally = self.world.sync(sweep=sweep)
        if tally.outcome == "refused" and "syncer adopt" in tally.message:
            self.adopt_what_is_sure()
            tally = self.world.sync(sweep=True)
        if tally.outcome == "refused" and "syncer restore --here" in tally.message:
            with self.world.context() as context:
                context.store.restore_here("by hand")
            tally = self.world.sync(sweep=True)
        if tally.outcome == "refused":
            tally = self.world.sync(sweep=sweep, approve=tally.approve)
        number = re.search(r"--approve-creates (\d+)", " ".join([tally.message, *self.listed()]))
        return tally if number is None else self.world.sync(sweep=True, approve_creates=int(number[1]))

    def adopt_what_is_sure(self) -> None:
        with self.world.context() as context, context.store.lease(context.name, "adopt") as lease:
            twins = [twin for twin in find_twins(context, ask_links=False).twins if twin.sure]
            adopt(context, lease, twins, {})

    def listed(self) -> list[str]:
        """The commands by which what waits is settled."""
        with self.world.context() as context:
            return [one.settle for one in waiting(context.store, context.name)]

    def all_is_told(self) -> None:
        with self.world.context() as context:
            for told in (silent_differences(context), self.diary.unaccounted(context), silently_apart(context)):
                assert told == [], told  # said: nothing rewrites an assertion outside of pytest
            self.edges_agree(context)

    def edges_agree(self, context: Any) -> None:
        """What leads from one linked task to another does so on both sides."""
        every = list(context.store.links.of_pair(context.name, kind=Kind.TASK))
        if any(items.link.reason for items in every):  # a ring, or an edge to what cannot be seen
            return
        listed = {(items.link.id, one.field) for items in every for one in items.link.differs}
        listed |= {(row.link, row.field) for row in context.store.conflicts.of_pair(context.name)}
        kept = [items for items in every if items.left and items.right and items.link.state is LinkState.ACTIVE]
        partner = {items.link.left.id: items.link.right.id for items in kept}
        for items in kept:
            for field in (Field.PARENT, Field.BLOCKED_BY):
                if (items.link.id, field) not in listed:
                    mine = {partner[end] for end in ends_of(items.left.showing[field]) if end in partner}
                    assert mine == set(ends_of(items.right.showing[field])) & set(partner.values()), (field, items.link)
