"""The decision table of `syncer.core.reconcile`: one case for each row and each sort of field, on plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.memory import EVERYTHING
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Side, Status, Value, Version
from syncer.core.change import Reconciled, Update
from syncer.core.decision_context import DecisionContext
from syncer.core.link_memory import LinkMemory, Sent, Verdict, Way
from syncer.core.reconcile import LinkReconciler
from syncer.core.records import Link, LinkedItems
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import Direction, FieldRule, MappedPerson, PairRules, Policy
from syncer.core.side_view import SideView, encode_view
from syncer.core.text_sync import Prose
from syncer.core.waiting import Why
from syncer.core.wording import READING
from syncer.richtext.plain import PlainMarkup

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
LEFT, RIGHT = Side.LEFT, Side.RIGHT
PEOPLE = tuple(MappedPerson(name, {LEFT: f"{name}.left", RIGHT: f"{name}.right"}) for name in ("ada", "bo", "cy"))
STATUSES = Relation(tuple(MapRow(MapCell(name), MapCell(name.lower())) for name in ("Todo", "Doing", "Done")))
LEVELS = Relation(tuple(MapRow(MapCell(name), MapCell(label=f"p: {name}")) for name in ("High", "Medium", "Low")))


class NoPages:
    """No text refers to a task."""

    def partner_page(self, to: Side, url: str) -> tuple[str, str] | None:
        return None

    def profile(self, side: Side, account: str) -> str:
        return ""

    def known(self, side: Side, login: str) -> bool:
        del side, login
        return False


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of field with three values as each side shows them, and what it shows when it shows nothing."""

    field: Field
    left: tuple[Value, Value, Value]
    right: tuple[Value, Value, Value]
    nothing: tuple[Value, Value] = (None, None)
    shown_as: Field | None = None
    """The native field of the right side, where it is another one."""

    def showing(self, side: Side, value: int | None) -> dict[Field, Value]:
        """The native fields of a side that shows the value with a number, or (None) nothing."""
        values = self.left if side is LEFT else self.right
        native = self.nothing[side is RIGHT] if value is None else values[value]
        name = self.shown_as if side is RIGHT and self.shown_as is not None else self.field
        return {name: native}

    def __str__(self) -> str:
        return self.field.value


def both(*values: Value) -> dict[str, Any]:
    return {"left": values, "right": values}


def per_side(pattern: str, wrap: Any = lambda text: text) -> dict[str, Any]:
    return {side.value: tuple(wrap(pattern.format(name, side.value)) for name in ("ada", "bo", "cy")) for side in Side}


SCALARS = (
    Sort(Field.TITLE, **both("One", "Two", "Three"), nothing=("", "")),
    Sort(Field.BODY, **both("One.", "Two.", "Three."), nothing=("", "")),
    Sort(
        Field.STATUS,
        (Status("Todo", Category.TODO), Status("Doing", Category.DOING), Status("Done", Category.DONE)),
        (Status("todo", Category.TODO), Status("doing", Category.DOING), Status("done", Category.DONE)),
    ),
    Sort(
        Field.PRIORITY, ("High", "Medium", "Low"), (("p: High",), ("p: Medium",), ("p: Low",)),
        nothing=(None, ()), shown_as=Field.LABELS,
    ),
    Sort(
        Field.TYPE, ("High", "Medium", "Low"), (("p: High",), ("p: Medium",), ("p: Low",)),
        nothing=(None, ()), shown_as=Field.LABELS,
    ),
    Sort(Field.START, **both(*(date(2026, 11, day) for day in (1, 2, 3)))),
    Sort(Field.DUE, **both(*(date(2026, 12, day) for day in (1, 2, 3)))),
    Sort(Field.PARENT, **per_side("{}.{}")),
)  # fmt: skip
SETS = (
    Sort(Field.LABELS, **both(("red",), ("blue",), ("green",)), nothing=((), ())),
    Sort(Field.COMPONENTS, **both(("api",), ("web",), ("ui",)), nothing=((), ())),
    Sort(Field.ASSIGNEES, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
    Sort(Field.MILESTONES, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
    Sort(Field.BLOCKED_BY, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
    Sort(Field.RELATES, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
    Sort(Field.DUPLICATES, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
    Sort(Field.CLONES, **per_side("{}.{}", lambda name: (name,)), nothing=((), ())),
)
EVERY_SORT = pytest.mark.parametrize("sort", [*SCALARS, *SETS], ids=str)
SCALAR = pytest.mark.parametrize("sort", SCALARS, ids=str)
SET = pytest.mark.parametrize("sort", SETS, ids=str)
WITHOUT_STATUS = [sort for sort in (*SCALARS, *SETS) if sort.field is not Field.STATUS]  # a task always has one
EMPTIABLE = pytest.mark.parametrize("sort", WITHOUT_STATUS, ids=str)
EMPTIED = pytest.mark.parametrize("sort", [sort for sort in WITHOUT_STATUS if sort.field is not Field.TITLE], ids=str)


def rules_for(name: Field, rule: FieldRule) -> PairRules:
    fields = {each: FieldRule(direction=Direction.OFF) for each in Field} | {name: rule}
    priority, kind = (LEVELS if name is each else Relation() for each in (Field.PRIORITY, Field.TYPE))
    return PairRules("pay", fields=fields, status=STATUSES, priority=priority, type=kind, people=PEOPLE, footer=False)


def deciding(rules: PairRules, decisions: Mapping[tuple[str, Field], str]) -> DecisionContext:
    capabilities = replace(EVERYTHING, max_assignees=9, max_milestones=9)
    labelled = {Field.PRIORITY, Field.TYPE}
    fields = {name: how for name, how in EVERYTHING.fields[Kind.TASK].items() if name not in labelled}
    poorer = replace(capabilities, fields={**EVERYTHING.fields, Kind.TASK: fields})
    markup = PlainMarkup()
    return DecisionContext(
        rules=rules,
        views={
            LEFT: SideView(rules, LEFT, capabilities, lambda _native: True),
            RIGHT: SideView(rules, RIGHT, poorer, lambda _native: True),
        },
        prose=Prose(rules, dict.fromkeys(Side, markup), NoPages()),
        audiences=dict.fromkeys(Side, Audience.MEMBERS),
        partner=lambda side, ref: Ref(ref.kind, f"{ref.id.partition('.')[0]}.{side.other}"),
        task_key=lambda _side, ref: ref.id,
        ends=lambda _side, _name, _native: (),
        decisions=decisions,
        now=NOW,
    )


def observed(side: Side, showing: dict[Field, Value], audience: Audience) -> Observed:
    updated = NOW.replace(hour=6 if side is LEFT else 7)
    return Observed(
        Ref(Kind.TASK, f"me.{side}"), f"{side.value.upper()}-1", f"https://{side}.example/1", Version("1"),
        NOW.replace(day=1), updated, showing, audience,
    )  # fmt: skip


def decide(
    sort: Sort,
    left: int | None,
    right: int | None,
    *,
    base: tuple[int | None, int | None] | None = (0, 0),
    rule: FieldRule | None = None,
    decision: str | None = None,
    memory: LinkMemory | None = None,
    audiences: tuple[Audience, Audience] = (Audience.MEMBERS, Audience.MEMBERS),
) -> Reconciled:
    """What is decided of a link whose sides show these values now and showed those of the base before."""
    rules = rules_for(sort.field, rule or FieldRule(on_conflict=Policy.ASK))
    about = deciding(rules, {("L", sort.field): decision} if decision is not None else {})
    about = replace(about, audiences=dict(zip(Side, audiences, strict=True)))
    items = [
        observed(side, sort.showing(side, value), audience)
        for side, value, audience in zip(Side, (left, right), audiences, strict=True)
    ]
    bases = {}
    for side, value in zip(Side, base or (), strict=False):
        view = about.views[side].look_at(Kind.TASK, sort.showing(side, value))
        bases[side] = {sort.field.value: encode_view(view[sort.field])} if sort.field in view else {}
    link = Link(
        "L", "pay", Kind.TASK, items[0].ref, items[1].ref, origin=LEFT, base=bases, memory=memory or LinkMemory()
    )
    return LinkReconciler(about, LinkedItems(link, *items), *items).decide()


def written(result: Reconciled) -> dict[Side, Any]:
    """The native fields that are written, by side."""
    return {update.side: dict(update.patch) for update in result.updates}


def based(result: Reconciled, name: Field) -> dict[Side, Any]:
    return {side: base[name.value] for side, base in result.record.link.base.items() if name.value in base}


def matching(patch: Mapping[Field, Any], wanted: Mapping[Field, Any]) -> bool:
    """Whether what is written is what is wanted; of texts without the blank lines at their end."""
    return {name: _bare(value) for name, value in patch.items()} == {
        name: _bare(value) for name, value in wanted.items()
    }


def _bare(value: Any) -> Any:
    if isinstance(value, Status):
        return value.name
    return value.strip() if isinstance(value, str) else value


# --- with a base


@EVERY_SORT
def test_where_nothing_moved_nothing_is_written(sort: Sort) -> None:
    result = decide(sort, 0, 0)
    assert (result.updates, result.record.conflicts, result.record.link.differs) == ((), (), ())


@EVERY_SORT
@pytest.mark.parametrize("side", Side)
def test_what_one_side_changed_is_carried_to_the_other(sort: Sort, side: Side) -> None:
    result = decide(sort, *((1, 0) if side is LEFT else (0, 1)))
    (update,) = result.updates
    assert update.side is side.other
    assert matching(update.patch, sort.showing(side.other, 1)), update.patch
    assert result.record.conflicts == ()


@EMPTIED
@pytest.mark.parametrize("side", Side)
def test_what_one_side_emptied_is_emptied_on_the_other(sort: Sort, side: Side) -> None:
    result = decide(sort, *((None, 0) if side is LEFT else (0, None)))
    (update,) = result.updates
    assert update.side is side.other
    assert matching(update.patch, sort.showing(side.other, None)), update.patch


@EVERY_SORT
def test_the_same_change_on_both_sides_is_recorded(sort: Sort) -> None:
    result = decide(sort, 1, 1)
    assert (result.updates, result.record.conflicts) == ((), ())
    assert based(result, sort.field) == based(decide(sort, 1, 1, base=(1, 1)), sort.field)


@SCALAR
def test_two_changes_are_a_conflict_with_both_values_and_nothing_is_written(sort: Sort) -> None:
    result = decide(sort, 1, 2)
    (row,) = result.record.conflicts
    assert (result.updates, row.field, row.decision) == ((), sort.field, None)
    assert row.left != row.right
    assert based(result, sort.field) == based(decide(sort, 0, 0), sort.field), "no base moves before somebody decides"
    assert [one.why for one in result.record.link.differs] == [Why.CONFLICT]


@SCALAR
@pytest.mark.parametrize(
    ("policy", "winner"), [(Policy.LEFT, LEFT), (Policy.RIGHT, RIGHT), (Policy.NEWEST, RIGHT)], ids=str
)
def test_a_policy_settles_a_conflict_and_keeps_both_values(sort: Sort, policy: Policy, winner: Side) -> None:
    result = decide(sort, 1, 2, rule=FieldRule(on_conflict=policy))
    (update,), (row,) = result.updates, result.record.conflicts
    assert update.side is winner.other
    assert matching(update.patch, sort.showing(winner.other, 1 if winner is LEFT else 2)), update.patch
    assert (row.decision, row.settled_at) == (winner.value, NOW)


@SCALAR
@pytest.mark.parametrize("winner", Side)
def test_what_a_person_decided_is_written(sort: Sort, winner: Side) -> None:
    result = decide(sort, 1, 2, decision=winner.value)
    (update,) = result.updates
    assert update.side is winner.other
    assert matching(update.patch, sort.showing(winner.other, 1 if winner is LEFT else 2)), update.patch
    assert sort.field in result.record.agreed


@SET
def test_changes_of_different_elements_of_a_set_are_merged(sort: Sort) -> None:
    first, second, third = (dict(zip(Side, pair, strict=True)) for pair in zip(sort.left, sort.right, strict=True))
    wider = replace(
        sort,
        left=(first[LEFT], (*first[LEFT], *second[LEFT]), (*first[LEFT], *third[LEFT])),
        right=(first[RIGHT], (*first[RIGHT], *second[RIGHT]), (*first[RIGHT], *third[RIGHT])),
    )
    result = decide(wider, 1, 2)
    assert result.record.conflicts == ()
    for side, patch in written(result).items():
        assert set(patch[sort.field]) == {*first[side], *second[side], *third[side]}
    assert set(written(result)) == set(Side)


@EVERY_SORT
def test_bases_that_never_agreed_wait_although_nobody_moved(sort: Sort) -> None:
    """A state of an older version may have counted a difference as agreed: it comes to light and is not written."""
    result = decide(sort, 1, 2, base=(1, 2))
    assert result.updates == ()
    assert [row.field for row in result.record.conflicts] == [sort.field]
    assert based(result, sort.field) == {}, "nothing is known of how it came about"


@pytest.mark.parametrize(("read", "waits"), [(0, False), (READING, True)], ids=["older", "this"])
def test_texts_that_differ_in_form_alone_agree_only_as_an_older_version_read_them(read: int, waits: bool) -> None:
    sort = Sort(Field.BODY, ("**One** two.",) * 3, ("One two.",) * 3)
    result = decide(sort, 0, 0, memory=LinkMemory(read=read))
    assert result.updates == ()
    assert bool(result.record.conflicts) is waits


def test_a_label_that_a_person_adds_before_a_mirror_is_first_read_is_no_gift_of_its_tracker() -> None:
    sort = next(each for each in SETS if each.field is Field.LABELS)
    sent = Sent(Way.NOT_ASKED, asked=encode_view(()), verdict=Verdict.UNKNOWN, first=True)
    result = decide(sort, None, 1, base=(None, None), memory=LinkMemory(pending={RIGHT: {sort.field: sent}}))
    (update,) = result.updates
    assert (update.side, update.patch) == (LEFT, {Field.LABELS: ("blue",)})
    assert not result.record.link.memory.given


# --- without a base


@EVERY_SORT
def test_without_a_base_what_is_equal_becomes_the_base(sort: Sort) -> None:
    result = decide(sort, 1, 1, base=None)
    assert (result.updates, result.record.conflicts) == ((), ())
    assert set(based(result, sort.field)) == set(Side)


@EMPTIABLE
@pytest.mark.parametrize("side", Side)
def test_without_a_base_an_empty_side_is_filled(sort: Sort, side: Side) -> None:
    result = decide(sort, *((1, None) if side is LEFT else (None, 1)), base=None)
    (update,) = result.updates
    assert update.side is side.other
    assert matching(update.patch, sort.showing(side.other, 1)), update.patch


@EVERY_SORT
@pytest.mark.parametrize("policy", Policy, ids=str)
def test_without_a_base_nothing_wins_whatever_the_policy(sort: Sort, policy: Policy) -> None:
    result = decide(sort, 1, 2, base=None, rule=FieldRule(on_conflict=policy))
    (row,) = result.record.conflicts
    assert (result.updates, row.decision) == ((), None)


# --- what the rules keep back


@EVERY_SORT
@pytest.mark.parametrize("direction", [Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT], ids=str)
def test_against_the_direction_nothing_is_written_and_the_difference_is_told(sort: Sort, direction: Direction) -> None:
    moved = RIGHT if direction is Direction.LEFT_TO_RIGHT else LEFT
    result = decide(sort, *((0, 1) if moved is RIGHT else (1, 0)), rule=FieldRule(direction=direction))
    assert result.updates == ()
    assert [one.why for one in result.record.link.differs] == [Why.DIRECTION]
    assert based(result, sort.field) == based(decide(sort, 0, 0), sort.field), "a later edit counts as a conflict"


@EVERY_SORT
def test_a_field_that_is_off_is_not_looked_at(sort: Sort) -> None:
    result = decide(sort, 1, 2, rule=FieldRule(direction=Direction.OFF))
    assert (result.updates, result.record.conflicts, result.record.link.differs) == ((), (), ())


@EVERY_SORT
def test_nothing_is_shown_to_a_wider_audience_and_the_difference_is_told(sort: Sort) -> None:
    result = decide(sort, 1, 0, audiences=(Audience.RESTRICTED, Audience.PUBLIC))
    assert result.updates == ()
    assert [one.why for one in result.record.link.differs] == [Why.AUDIENCE]


def test_every_field_has_its_rows() -> None:
    assert {sort.field for sort in (*SCALARS, *SETS)} == set(Field)


def test_an_update_says_what_the_other_side_showed() -> None:
    (update,) = decide(SCALARS[0], 1, 0).updates
    assert isinstance(update, Update)
    assert update.agreed == {Field.TITLE.value: "Two"}
