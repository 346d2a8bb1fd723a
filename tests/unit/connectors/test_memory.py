"""The tracker in memory: what people do in it, what can go wrong in it, and its plain markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.memory import DONE, EVERYTHING, MemoryConnector, MemoryTracker, PlainMarkup
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Gone
from syncer.contract.model import Audience, Cursor, Draft, Field, Kind, Marker, Observed, Ref
from syncer.richtext import Document, Heading, Mark, Paragraph, Quote, Rule, Run, RunKind


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Stored:
    """A store that remembers what it was given."""

    def __init__(self, *items: Observed) -> None:
        self.items = {item.ref: item for item in items}

    def observed(self, ref: Ref) -> Observed | None:
        return self.items.get(ref)

    def comments(self, task: Ref) -> int:
        return sum(item.parent == task for item in self.items.values())

    def marker(self, _ref: Ref) -> Marker | None:
        return None

    def follows(self, _ref: Ref) -> bool:
        return False


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tracker(clock: Clock) -> MemoryTracker:
    return MemoryTracker(clock)


def draft(title: str = "Pay twice", marker: str = "m-1") -> Draft:
    return Draft(Kind.TASK, {Field.TITLE: title}, Marker(marker))


def test_lost_answer_after_the_effect_is_found(tracker: MemoryTracker, clock: Clock) -> None:
    connector = MemoryConnector(tracker)
    tracker.lose_next_answer()
    with pytest.raises(Ambiguous):
        connector.create([draft()])
    assert connector.find([Intent(draft(), clock())])[Marker("m-1")].showing[Field.TITLE] == "Pay twice"


def test_lost_answer_before_the_effect_leaves_nothing(tracker: MemoryTracker, clock: Clock) -> None:
    connector = MemoryConnector(tracker)
    tracker.lose_next_answer(committed=False)
    with pytest.raises(Ambiguous):
        connector.create([draft()])
    assert connector.find([Intent(draft(), clock())]) == {}


def test_interrupt_waits_for_its_request(tracker: MemoryTracker) -> None:
    connector = MemoryConnector(tracker)
    tracker.interrupt(KeyboardInterrupt(), after=1, committed=True)
    connector.create([draft(marker="m-1")])
    with pytest.raises(KeyboardInterrupt):
        connector.create([draft(marker="m-2")])
    assert len(tracker.items()) == 2


def test_index_lag_hides_a_new_task_from_the_listing_but_not_from_reading(clock: Clock) -> None:
    tracker = MemoryTracker(clock, index_lag=timedelta(seconds=30))
    task = tracker.create("Not indexed yet")
    connector = MemoryConnector(tracker)
    listed = [item for page in connector.changes(None, Stored()) for item in page.observed]
    assert (listed, connector.read([tracker.show(task)])) == ([], [tracker.show(task)])
    clock.advance(30)
    assert [item.ref for page in connector.changes(None, Stored()) for item in page.observed] == [task]


def test_index_lag_shows_the_older_record(clock: Clock) -> None:
    tracker = MemoryTracker(clock, index_lag=timedelta(seconds=30))
    task = tracker.create("Old")
    clock.advance(60)
    tracker.edit(task, {Field.TITLE: "New"})
    (page,) = MemoryConnector(tracker).changes(None, Stored())
    assert page.observed[0].showing[Field.TITLE] == "Old"


def test_hidden_item_is_uncertainly_gone(tracker: MemoryTracker) -> None:
    task = tracker.create("Secret")
    shown = tracker.show(task)
    tracker.hide(task)
    (answer,) = MemoryConnector(tracker).read([shown])
    assert isinstance(answer, Gone)
    assert answer.uncertain


def test_deleted_comment_is_missing_from_a_complete_task(tracker: MemoryTracker, clock: Clock) -> None:
    task = tracker.create("Talk")
    comment = tracker.comment(task, "Wrong place")
    connector = MemoryConnector(tracker)
    (first,) = connector.changes(None, Stored())
    clock.advance(5)
    tracker.delete(comment)
    (second,) = connector.changes(first.cursor, Stored(*first.observed))
    assert task in second.complete
    assert comment not in [item.ref for item in second.observed]


def test_nothing_changed_costs_one_request(tracker: MemoryTracker) -> None:
    tracker.comment(tracker.create("Quiet"), "Indeed")
    connector = MemoryConnector(tracker)
    (first,) = connector.changes(None, Stored())
    before = connector.requests
    list(connector.changes(first.cursor, Stored(*first.observed)))
    assert connector.requests - before == 1


def test_cursor_never_goes_back(tracker: MemoryTracker, clock: Clock) -> None:
    tracker.create("Old")
    clock.advance(3600)
    connector = MemoryConnector(tracker)
    since = Cursor((clock() - timedelta(seconds=10)).isoformat())
    (page,) = connector.changes(since, Stored())
    assert datetime.fromisoformat(page.cursor) >= datetime.fromisoformat(since)


def test_audience_is_the_narrower_of_item_and_scope(tracker: MemoryTracker) -> None:
    task = tracker.create("Plan")
    note = tracker.comment(task, "Between us", audience=Audience.RESTRICTED)
    tracker.audience = Audience.MEMBERS
    assert (tracker.show(task).audience, tracker.show(note).audience) == (Audience.MEMBERS, Audience.RESTRICTED)


def test_denied_tracker_refuses_everything(tracker: MemoryTracker) -> None:
    tracker.denied = "the token expired"
    with pytest.raises(Denied, match="expired"):
        list(MemoryConnector(tracker).changes(None, Stored()))


def test_new_task_is_in_the_first_status_whatever_the_draft_says(tracker: MemoryTracker) -> None:
    fields = {Field.TITLE: "Done before it began", Field.STATUS: DONE}
    (created,) = MemoryConnector(tracker).create([Draft(Kind.TASK, fields, Marker("m-1"))])
    assert isinstance(created, Observed)
    assert created.showing[Field.STATUS] == tracker.statuses[0]


def test_batch_reports_each_draft_for_itself(clock: Clock) -> None:
    from dataclasses import replace

    tracker = MemoryTracker(clock, capabilities=replace(EVERYTHING, create_batch={Kind.TASK: 2}))
    good, bad = MemoryConnector(tracker).create([draft("Fine", "m-1"), draft("", "m-2")])
    assert isinstance(good, Observed)
    assert "title" in str(bad)


PAGE = "https://memory.example/users/mia"
HEADER = Paragraph(
    (
        Run("Mia", RunKind.MENTION, target=PAGE),
        Run(" wrote on "),
        Run("2 March", link="https://github.example/acme/pay/issues/1#c2"),
        Run(" about "),
        Run("PAY-7", RunKind.REFERENCE, target="https://memory.example/PAY-7"),
        Run(":", marks=frozenset({Mark.STRONG})),
    )
)
DOCUMENT = Document(
    (
        HEADER,
        Rule(),
        Quote((Paragraph((Run("first"), Run("", RunKind.BREAK), Run("second"))), Paragraph((Run("third"),)))),
        Paragraph((Run("[x] a\\b **c** > d 你好 😀"),)),
        Paragraph((Run("> no quote"),)),
        Paragraph((Run("---"),)),
    )
)


def test_written_document_reads_back() -> None:
    live = frozenset({PAGE})
    assert PlainMarkup().read(PlainMarkup().write(DOCUMENT, live=live).source) == DOCUMENT


def test_mention_of_somebody_who_is_not_live_is_a_link() -> None:
    assert "@" not in PlainMarkup().write(DOCUMENT).source


def test_patch_of_the_same_document_is_the_same_source() -> None:
    source = "One\r\n\r\n\r\ntwo  \n\n\n> three\n"
    assert PlainMarkup().patch(source, PlainMarkup().read(source)).source == source


def test_patch_keeps_the_blocks_that_stay() -> None:
    source = "Kept \\as it is\n\nchanged"
    document = Document((*PlainMarkup().read(source).blocks[:1], Paragraph((Run("new"),))))
    assert PlainMarkup().patch(source, document).source == "Kept \\as it is\n\nnew"


def test_structures_without_markup_keep_their_text() -> None:
    assert PlainMarkup().write(Document((Heading(1, (Run("Goal"),)),))).source == "Goal"


def test_text_over_the_limit_is_cut_between_blocks() -> None:
    document = Document(tuple(Paragraph((Run("x" * 40),)) for _ in range(5)))
    written = PlainMarkup(100).write(document, continued_at="https://t.example/1")
    assert (written.truncated, written.source) == (True, "x" * 40 + "\n\n[continues](https://t.example/1)")
