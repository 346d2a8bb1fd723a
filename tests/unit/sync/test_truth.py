"""What was written and is not shown: owed until the side shows it, listed until then, and never taken for an edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.contract.errors import Retryable
from syncer.contract.model import Audience, Category, Field, Side, Status
from syncer.core.link_memory import LinkMemory
from syncer.core.rules import Direction, FieldRule
from syncer.core.side_view import names
from syncer.core.waiting import Why
from syncer.store import Store
from syncer.sync.ledger import waiting
from tests.truth import silent_differences
from tests.worlds import World

DONE = Status("Done", Category.DONE)
CLOSED = Status("closed", Category.DONE, "completed")
NOT_PLANNED = Status("closed", Category.DONE, "not_planned")
OPEN = Status("open", Category.TODO)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class Killed(BaseException):
    """The process died here."""


def listed(world: World) -> list[tuple[str | None, str]]:
    """What waits: field and why."""
    with world.context() as context:
        return [(one.field and one.field.value, one.why.value) for one in waiting(context.store, "pay")]


def silent(world: World) -> list[str]:
    with world.context() as context:
        return silent_differences(context)


def rest(world: World, days: int = 1) -> None:
    """An hour later, three runs, the last one with a complete reading; then nothing differs in silence."""
    world.clock.tick(3600)
    world.sync()
    world.sync()
    world.sync(sweep=True)
    assert silent(world) == []


def side_of(world: World, side: Side, name: Field) -> object:
    return world.only(side).showing[name]


# what is owed stays owed


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("failures", [1, 4])
def test_a_closed_task_whose_closing_fails_at_first_is_closed_in_the_end(
    world: World, side: Side, failures: int
) -> None:
    ref = world.tracker(side).create("Old bug")
    world.tracker(side).close(ref)
    for _ in range(failures):
        world.tracker(side.other).interrupt(Retryable("502"), after=failures, writes_only=True)
    world.sync()
    rest(world)
    status = side_of(world, side.other, Field.STATUS)
    assert isinstance(status, Status)
    assert status.category is Category.DONE
    assert listed(world) == []


@pytest.mark.parametrize("terse", [False, True])
def test_a_field_that_is_refused_at_creation_stays_listed_when_another_is_edited(world: World, terse: bool) -> None:
    world.right.terse = terse
    world.right.people.pop("liwei")
    ref = world.left.create("Task", "Text.", fields={Field.ASSIGNEES: ("li.wei",), Field.LABELS: ("a",)})
    world.sync()
    world.sync()
    assert (Field.ASSIGNEES.value, Why.REFUSED.value) in listed(world)
    world.left.edit(ref, {Field.TITLE: "Task, renamed"})
    world.sync()
    world.sync()
    assert side_of(world, Side.RIGHT, Field.TITLE) == "Task, renamed"
    assert (Field.ASSIGNEES.value, Why.REFUSED.value) in listed(world)
    assert silent(world) == []
    world.right.person("liwei")
    rest(world)
    assert side_of(world, Side.RIGHT, Field.ASSIGNEES) == ("liwei",)
    assert listed(world) == []


def test_a_refused_field_is_tried_with_growing_pauses_and_with_each_complete_reading(world: World) -> None:
    world.right.people.pop("liwei")
    world.left.create("Task", fields={Field.ASSIGNEES: ("li.wei",)})
    world.sync()
    with world.context() as context:
        (items,) = context.store.links.differing("pay")
        (one,) = items.link.differs
        assert (one.why, one.side, one.attempts) == (Why.REFUSED, Side.RIGHT, 1)
        assert "assignees" in one.reason
    for _ in range(30):
        world.sync()
    with world.context() as context:
        (items,) = context.store.links.differing("pay")
        assert 2 <= items.link.differs[0].attempts <= 6
        attempts = items.link.differs[0].attempts
    world.sync(sweep=True)
    with world.context() as context:
        (items,) = context.store.links.differing("pay")
        assert items.link.differs[0].attempts == attempts + 1


# a fresh mirror that somebody edits before it is looked at


def interrupted_after_the_create(world: World) -> None:
    """A run that ends when its create was answered."""
    world.right.clear_faults()
    done = iter(range(1000))
    before = len(world.right.writes) + len(world.left.writes)

    def stop() -> bool:
        next(done)
        return len(world.right.writes) + len(world.left.writes) > before

    world.sync(stop=stop)


@pytest.mark.parametrize("terse", [False, True])
def test_an_edit_of_a_fresh_mirror_is_carried_and_not_reverted(world: World, terse: bool) -> None:
    world.right.terse = terse
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a", "b")})
    interrupted_after_the_create(world)
    mirror = world.only(Side.RIGHT)
    world.right.edit(mirror.ref, {Field.TITLE: "Task, renamed", Field.LABELS: ("a",), Field.STATUS: CLOSED})
    for _ in range(4):
        world.sync()
    assert world.left.show(ref).showing[Field.TITLE] == "Task, renamed"
    assert world.left.show(ref).showing[Field.LABELS] == ("a",)
    assert world.left.show(ref).showing[Field.STATUS] == DONE
    assert side_of(world, Side.RIGHT, Field.TITLE) == "Task, renamed"
    rest(world)


def lose_the_answer_of_the_create(world: World) -> None:
    """A run whose create took effect, and that could not find out."""
    world.right.interrupt(Killed(), committed=True, writes_only=True)
    with pytest.raises(Killed):
        world.sync()
    world.right.clear_faults()


def test_an_edit_after_an_answer_that_was_lost_is_carried_and_not_reverted(world: World) -> None:
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a", "b")})
    lose_the_answer_of_the_create(world)
    mirror = world.only(Side.RIGHT)
    world.right.edit(mirror.ref, {Field.TITLE: "Task, renamed", Field.LABELS: ("a",)})
    for _ in range(4):
        world.sync()
    assert world.left.show(ref).showing[Field.TITLE] == "Task, renamed"
    assert world.left.show(ref).showing[Field.LABELS] == ("a",)
    rest(world)


def test_a_text_of_which_no_history_tells_waits_with_both_versions(world: World) -> None:
    ref = world.left.create("Task", "Text.")
    lose_the_answer_of_the_create(world)
    mirror = world.only(Side.RIGHT)
    edited = str(mirror.showing[Field.BODY]).replace("Text.", "Another text.")
    world.right.edit(mirror.ref, {Field.BODY: edited})
    for _ in range(4):
        world.sync()
    assert world.left.show(ref).showing[Field.BODY] == "Text."
    assert side_of(world, Side.RIGHT, Field.BODY) == edited
    assert listed(world) == [(Field.BODY.value, Why.CONFLICT.value)]


def test_a_label_added_to_a_fresh_mirror_that_was_sent_none_is_carried(world: World) -> None:
    ref = world.left.create("Task", "Text.")
    interrupted_after_the_create(world)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.LABELS: ("new",)})
    for _ in range(3):
        world.sync()
    assert world.left.show(ref).showing[Field.LABELS] == ("new",)
    rest(world)


# an answer that does not show what was sent


@pytest.mark.parametrize("terse", [False, True])
@pytest.mark.parametrize("at_create", [False, True])
def test_what_a_tracker_ignores_without_a_word_is_listed_and_written_when_it_is_taken(
    world: World, at_create: bool, terse: bool
) -> None:
    world.right.terse = terse
    ignored = {Field.LABELS, Field.ASSIGNEES}
    fields = {Field.LABELS: ("a",), Field.ASSIGNEES: ("li.wei",)}
    if at_create:
        world.right.ignored = ignored
        ref = world.left.create("Task", "Text.", fields=fields)
    else:
        ref = world.left.create("Task", "Text.")
        world.sync()
        world.sync()
        world.right.ignored = ignored
        world.left.edit(ref, fields)
    for _ in range(4):
        world.sync()
    assert set(listed(world)) == {(name.value, Why.REFUSED.value) for name in ignored}
    assert world.left.show(ref).showing[Field.LABELS] == ("a",)
    assert world.left.show(ref).showing[Field.ASSIGNEES] == ("li.wei",)
    assert silent(world) == []
    world.right.ignored = set()
    rest(world)
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a",)
    assert side_of(world, Side.RIGHT, Field.ASSIGNEES) == ("liwei",)
    assert listed(world) == []


def test_an_edit_while_a_field_is_refused_is_not_lost(world: World) -> None:
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a",)})
    world.sync()
    world.right.refused = {"bad"}
    world.left.edit(ref, {Field.LABELS: ("a", "bad")})
    world.sync()
    world.right.edit(world.only(Side.RIGHT).ref, {Field.LABELS: ("a", "c")})
    world.sync()
    assert world.left.show(ref).showing[Field.LABELS] == ("a", "bad", "c")
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a", "c")
    assert (Field.LABELS.value, Why.REFUSED.value) in listed(world)
    world.right.refused = set()
    rest(world)
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a", "bad", "c")


# sets, element by element


@pytest.mark.parametrize("at_create", [False, True])
def test_one_element_that_is_refused_keeps_no_other_away(world: World, at_create: bool) -> None:
    world.right.refused = {"bad"}
    labels = {Field.LABELS: ("a", "bad", "c")}
    if at_create:
        world.left.create("Task", fields=labels)
    else:
        ref = world.left.create("Task", fields={Field.LABELS: ("old",)})
        world.sync()
        world.left.edit(ref, labels)
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a", "c")
    with world.context() as context:
        (one,) = waiting(context.store, "pay")
        assert "bad" in one.reason
        assert "“a”" not in one.reason
    assert silent(world) == []


@pytest.mark.parametrize("at_create", [False, True])
def test_a_label_that_is_too_long_for_a_side_is_named_and_the_others_are_carried(world: World, at_create: bool) -> None:
    world.right.capabilities = replace(world.right.capabilities, label_limit=50)
    long = "l" * 60
    labels = {Field.LABELS: ("a", long)}
    if at_create:
        world.left.create("Task", fields=labels)
    else:
        ref = world.left.create("Task")
        world.sync()
        world.left.edit(ref, labels)
    world.sync()
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a",)
    with world.context() as context:
        (one,) = waiting(context.store, "pay")
        assert (one.field, one.why) == (Field.LABELS, Why.LIMIT)
        assert long in one.reason
    rest(world)
    assert side_of(world, Side.LEFT, Field.LABELS) == ("a", long)


# without a base nothing wins


def test_milestones_of_one_name_keep_what_each_side_says(world: World) -> None:
    left = world.left.milestone("1.0", fields={Field.STATUS: Status("closed", Category.DONE), Field.BODY: "Left text"})
    right = world.right.milestone("1.0", fields={Field.STATUS: Status("open", Category.TODO), Field.BODY: "Right text"})
    world.sync()
    world.sync(sweep=True)
    assert world.left.show(left).showing[Field.BODY] == "Left text"
    assert world.right.show(right).showing[Field.BODY] == "Right text"
    assert world.left.show(left).showing[Field.STATUS] == Status("closed", Category.DONE)
    assert world.right.show(right).showing[Field.STATUS] == Status("open", Category.TODO)
    assert set(listed(world)) == {("body", "conflict"), ("status", "conflict")}


def test_what_an_adopted_item_shows_is_overwritten_by_no_policy(world: World, tmp_path: Path) -> None:
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a",)})
    world.sync()
    world.sync()
    mirror = world.only(Side.RIGHT).ref
    world.left.edit(ref, {Field.LABELS: ("a", "left"), Field.STATUS: DONE, Field.PRIORITY: "High"})
    world.right.edit(mirror, {Field.LABELS: ("a", "right"), Field.ASSIGNEES: ("miab",)})
    tally = world.sync(location=tmp_path / "fresh")
    assert tally.adopted == 1
    assert world.left.show(ref).showing[Field.LABELS] == ("a", "left")
    assert "left" not in names(world.right.show(mirror).showing[Field.LABELS])
    assert world.right.show(mirror).showing[Field.STATUS] == OPEN
    assert world.left.show(ref).showing[Field.ASSIGNEES] == ("mia.braun",)  # one empty side is filled
    with world.context(location=tmp_path / "fresh") as context:
        assert {row.field for row in context.store.conflicts.of_pair("pay")} == {Field.LABELS, Field.STATUS}


# older states


def forget_the_difference(world: World, name: Field) -> None:
    """The state as an older version left it: both bases say what each side shows, and nothing else is known."""
    with world.context() as context, context.store.lease("pay", "older") as lease:
        for items in list(context.store.links.of_pair("pay")):
            base = {side: dict(fields) for side, fields in items.link.base.items()}
            for side in Side:
                item = items.side(side)
                assert item is not None
                base[side] = _shown(context, side, item)
            context.store.links.save(lease, replace(items.link, base=base, memory=LinkMemory(), differs=()))
        _not_compared(context.store)


def _shown(context: object, side: Side, item: object) -> dict[str, object]:
    from syncer.core.side_view import encode_view
    from syncer.sync.gather import views_of

    return {name.value: encode_view(value) for name, value in views_of(context)[side].look(item).items()}  # type: ignore[arg-type]


def _not_compared(store: Store) -> None:
    from sqlalchemy import update

    from syncer.store.schema.pairs import pairs

    with store._database.transaction() as connection:
        connection.execute(update(pairs).values(compared=0))


def test_a_difference_that_an_older_version_counted_as_agreed_waits_and_nothing_is_written(world: World) -> None:
    world.right.ignored = {Field.LABELS}
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a",)})
    world.sync()
    world.sync()
    forget_the_difference(world, Field.LABELS)
    world.right.ignored = set()
    for _ in range(3):
        assert world.sync(sweep=True).writes == 0
    assert listed(world) == [(Field.LABELS.value, Why.CONFLICT.value)]
    assert world.left.show(ref).showing[Field.LABELS] == ("a",)
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
        context.store.conflicts.decide(conflict.id, "left", world.clock())
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a",)
    rest(world)
    assert listed(world) == []


# one way


def test_an_edit_on_the_receiving_side_of_a_one_way_field_is_listed(world: World) -> None:
    fields = {**world.rules.fields, Field.TITLE: FieldRule(Direction.LEFT_TO_RIGHT)}
    world.rules = replace(world.rules, fields=fields)
    world.left.create("Task", "Text.")
    world.sync()
    world.sync()
    world.right.edit(world.only(Side.RIGHT).ref, {Field.TITLE: "Edited there"})
    world.sync()
    world.sync(sweep=True)
    assert listed(world) == [(Field.TITLE.value, Why.DIRECTION.value)]
    assert silent(world) == []
    world.fingerprint = "2"  # a change of other rules is no edit
    world.sync()
    world.sync(sweep=True)
    assert listed(world) == [(Field.TITLE.value, Why.DIRECTION.value)]


def test_a_title_that_was_cut_is_listed(world: World) -> None:
    world.right.create("w" * 256)
    world.sync()
    world.sync()
    assert listed(world) == [(Field.TITLE.value, Why.LIMIT.value)]


def test_an_edit_that_is_not_published_flows_once_it_is(world: World) -> None:
    world.rules = replace(world.rules, publish=frozenset({"title", "body", "status"}))
    world.right.audience = Audience.PUBLIC
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("a",)})
    world.sync()
    world.sync()
    world.left.edit(ref, {Field.LABELS: ("a", "b")})
    world.sync()
    world.sync(sweep=True)
    assert listed(world) == [(Field.LABELS.value, Why.AUDIENCE.value)]
    world.rules = replace(world.rules, publish=frozenset({"title", "body", "status", "labels"}))
    world.fingerprint = "2"
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a", "b")
    assert listed(world) == []


@pytest.mark.parametrize("later", list(Side))
def test_labels_that_both_sides_added_meet_once_all_of_them_are_published(world: World, later: Side) -> None:
    """A label that may not cross stays changed whatever crosses beside it, and whoever was the last to edit."""
    world.rules = replace(world.rules, publish=frozenset({"title", "body", "status"}))
    world.right.audience = Audience.PUBLIC
    ref = world.left.create("Task", "Text.")
    world.sync()
    world.sync()
    for side in (later.other, later):
        world.clock.tick(60)
        world.tracker(side).edit(ref if side is Side.LEFT else world.only(side).ref, {Field.LABELS: (f"of-{side}",)})
    world.sync()
    world.sync()
    assert names(side_of(world, Side.LEFT, Field.LABELS)) == ("of-left", "of-right")
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("of-right",)
    assert listed(world) == [(Field.LABELS.value, Why.AUDIENCE.value)]
    rest(world)
    world.rules = replace(world.rules, publish=frozenset({"title", "body", "status", "labels"}))
    world.fingerprint = "2"
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("of-left", "of-right")
    assert listed(world) == []


@pytest.mark.parametrize("later", list(Side))
def test_labels_that_one_side_took_away_while_the_other_one_added_some_leave_once_that_is_published(
    world: World, later: Side
) -> None:
    everything = frozenset({"title", "body", "status", "labels"})
    world.rules = replace(world.rules, publish=everything)
    world.right.audience = Audience.PUBLIC
    ref = world.left.create("Task", "Text.", fields={Field.LABELS: ("old", "older")})
    world.sync()
    world.sync()
    world.rules = replace(world.rules, publish=everything - {"labels"})
    world.fingerprint = "2"
    world.sync()
    edits = {Side.LEFT: ("of-left",), Side.RIGHT: ("old", "older", "of-right")}
    for side in (later.other, later):
        world.clock.tick(60)
        world.tracker(side).edit(ref if side is Side.LEFT else world.only(side).ref, {Field.LABELS: tuple(edits[side])})
    rest(world)
    assert names(side_of(world, Side.LEFT, Field.LABELS)) == ("of-left", "of-right")
    assert listed(world) == [(Field.LABELS.value, Why.AUDIENCE.value)]
    world.rules = replace(world.rules, publish=everything)
    world.fingerprint = "3"
    rest(world)
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("of-left", "of-right")
    assert listed(world) == []


@pytest.mark.parametrize("at_create", [False, True])
def test_a_label_that_would_say_something_else_on_the_other_side_stays_where_it_is(
    world: World, at_create: bool
) -> None:
    """On the right `priority: high` is how a priority is shown; on the left it is a label like any other."""
    labels = {Field.LABELS: ("a", "priority:_high")}
    if at_create:
        world.left.create("Task", fields=labels)
    else:
        ref = world.left.create("Task")
        world.sync()
        world.left.edit(ref, labels)
    world.sync()
    world.sync()
    assert side_of(world, Side.RIGHT, Field.LABELS) == ("a",)
    assert side_of(world, Side.LEFT, Field.PRIORITY) is None
    with world.context() as context:
        (one,) = waiting(context.store, "pay")
        assert (one.field, one.why) == (Field.LABELS, Why.LIMIT)
        assert "“priority: high” of labels would say something else on ACME-1" in one.reason
    rest(world)
    assert world.sync(sweep=True).writes == 0


# held work is tried again


def test_a_held_create_is_tried_again_with_each_complete_reading(world: World) -> None:
    world.right.refused = {"Refused title"}
    world.left.create("Refused title")
    assert world.sync().held == 1
    assert world.sync().writes == 0
    world.right.refused = set()
    assert world.sync(sweep=True).created["right"] == 1
    assert listed(world) == []


def test_a_link_that_was_given_up_is_tried_again_with_each_complete_reading(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    world.sync()
    world.left.edit(ref, {Field.TITLE: "Renamed"})
    for _ in range(12):
        world.right.interrupt(Retryable("502"), writes_only=True)
        world.sync()
        world.right.clear_faults()
        world.clock.tick(24 * 3600)
        world.right.interrupt(Retryable("502"), writes_only=True)
    world.right.clear_faults()
    world.sync(sweep=True)
    assert side_of(world, Side.RIGHT, Field.TITLE) == "Renamed"
    assert listed(world) == []


def test_quiet_runs_do_not_look_at_what_waits(world: World) -> None:
    world.right.refused = {"bad"}
    world.left.create("Task", fields={Field.LABELS: ("bad",)})
    world.sync()
    world.clock.tick(24 * 3600)
    for _ in range(20):
        world.sync()
        world.clock.tick(1800)
    tally = world.sync()
    assert tally.writes == 0
    assert sum(tally.requests.values()) == 2


def test_what_was_refused_is_tried_with_a_complete_reading_by_a_clock_that_is_ahead(world: World) -> None:
    world.left.create("Task")
    world.sync()
    world.right.refused = {"blue"}
    world.left.edit(world.only(Side.LEFT).ref, {Field.LABELS: ("blue",)})
    world.skew = timedelta(hours=2)
    world.sync()
    world.right.refused = set()
    world.sync(sweep=True)
    assert world.only(Side.RIGHT).showing[Field.LABELS] == ("blue",)


# what the answer to a write shows besides


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("edited", [{Field.BODY: "more"}, {Field.TITLE: "Card is refused twice"}])
def test_an_edit_that_only_the_answer_to_a_write_shows_is_carried(
    world: World, side: Side, edited: dict[Field, str]
) -> None:
    world.right.create("Card is refused", "some")
    world.sync()
    rest(world)
    world.tracker(side).index_lag = timedelta(days=1)  # so no listing shows the edit before something is written
    world.tracker(side).edit(world.only(side).ref, edited)
    world.tracker(side.other).edit(world.only(side.other).ref, {Field.LABELS: ("red",)})
    world.sync()
    assert side_of(world, side, Field.LABELS) == ("red",)
    world.tracker(side).index_lag = timedelta(0)
    rest(world)
    for name, value in edited.items():
        assert str(side_of(world, side.other, name)).startswith(value)


@pytest.mark.parametrize("runs", [1, 2, 3])
def test_an_edit_where_a_title_never_arrived_does_not_overwrite_it(world: World, runs: int) -> None:
    """Nobody who edits the mirror saw what its tracker had left out: both sides changed."""
    world.right.ignored = {Field.TITLE}
    world.left.create("Card is refused", "some")
    for _ in range(runs):
        world.sync()
    world.right.ignored = set()
    world.clock.tick(60)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.TITLE: "Mine"})
    rest(world)
    shown = [side_of(world, side, Field.TITLE) for side in Side]
    assert (shown, listed(world)) == (["Card is refused", "Mine"], [("title", "conflict")])


# a create whose answer was lost, and an original that was edited before that was found out


EDITS: dict[Field, tuple[object, object]] = {
    Field.TITLE: ("Card is refused twice", "Card is taken"),
    Field.BODY: ("first\n\nsome", "some\n\nlast"),
    Field.LABELS: (("red",), ("blue",)),
}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("both", [False, True])
def test_an_edit_of_an_original_whose_mirror_was_not_known_yet_is_not_lost(
    world: World, side: Side, name: Field, both: bool
) -> None:
    ref = world.tracker(side.other).create("Card is refused", "some")
    world.tracker(side).interrupt(Killed(), committed=True, writes_only=True)
    with pytest.raises(Killed):
        world.sync()
    world.states.close()
    world.tracker(side).clear_faults()
    world.clock.tick(60)
    mine, theirs = EDITS[name]
    world.tracker(side.other).edit(ref, {name: mine})  # type: ignore[dict-item]  # a text or names
    if both:
        world.tracker(side).edit(world.only(side).ref, {name: theirs})  # type: ignore[dict-item]
    rest(world)
    shown = {each: side_of(world, each, name) for each in Side}
    waits = [field for field, _ in listed(world)] == [name.value]
    words = {each: set(str(shown[each]).split()) if name is Field.BODY else shown[each] for each in Side}
    match name:
        case Field.TITLE:
            assert shown == (dict.fromkeys(Side, mine) if not both else {side.other: mine, side: theirs})
            assert waits is both
        case Field.LABELS:
            assert shown == dict.fromkeys(Side, ("blue", "red") if both else ("red",))
        case _:
            wanted = {"first", "last"} if both else {"first"}
            assert waits or all(wanted <= set(words[each]) for each in Side)
            assert "first" in set(words[side.other])
