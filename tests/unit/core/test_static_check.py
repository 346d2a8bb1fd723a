"""What the configuration alone tells: rows that say nothing, filters that shut out, pairs that pass items on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.checking import Demand, Severity
from syncer.contract.model import Field, Side
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import Direction, FieldRule, Leaving, PairRules, Route, SubTasks
from syncer.core.static_check import Configured, foreseen

STATUS = Relation((MapRow(MapCell("To Do"), MapCell("open")), MapRow(MapCell("Done"), MapCell("closed", "completed"))))


def pair(name: str = "pay", left: str = "PAY", right: str = "acme/pay", **changes: object) -> Configured:
    rules = PairRules(name, status=STATUS)
    made = Configured(
        rules,
        {Side.LEFT: left, Side.RIGHT: right},
        {Side.LEFT: "", Side.RIGHT: ""},
        {Side.LEFT: (), Side.RIGHT: ()},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def said(*pairs: Configured) -> list[str]:
    return [finding.message for findings in foreseen(pairs).values() for finding in findings]


def with_status(*rows: MapRow) -> Configured:
    return pair(rules=replace(PairRules("pay"), status=Relation((*STATUS.rows, *rows))))


def test_a_pair_without_a_flaw_gives_no_reason_to_say_anything() -> None:
    assert foreseen([pair()]) == {"pay": []}


def test_a_row_that_stands_there_twice_is_told() -> None:
    assert said(with_status(STATUS.rows[0])) == ["the row To Do = open stands there 2 times"]


def test_two_statuses_that_share_cell_and_label_are_told_since_the_label_tells_nothing() -> None:
    shared = MapCell("open", label="status: in progress")
    [message] = said(with_status(MapRow(MapCell("In Progress"), shared), MapRow(MapCell("In Review"), shared)))
    assert message.startswith("In Progress and In Review have the same cell and label on acme/pay")


def test_statuses_may_share_a_cell_without_a_label() -> None:
    assert (
        said(
            with_status(MapRow(MapCell("In Progress"), MapCell("open")), MapRow(MapCell("In Review"), MapCell("open")))
        )
        == []
    )


def test_a_field_that_is_switched_off_is_not_looked_at() -> None:
    off = with_status(STATUS.rows[0])
    rules = replace(off.rules, fields={**off.rules.fields, Field.STATUS: FieldRule(Direction.OFF)})
    assert said(replace(off, rules=rules)) == []


def test_a_filter_that_new_items_do_not_match_is_told_with_what_they_need() -> None:
    demands = {Side.LEFT: (Demand("labels = public", 'create-fields = { labels = ["public"] }'),), Side.RIGHT: ()}
    [finding] = foreseen([pair(demands=demands)])["pay"]
    assert (finding.severity, finding.about) == (Severity.WARNING, "filter of PAY")
    assert "comes from acme/pay falls outside the filter" in finding.message
    assert finding.message.endswith("unless it has: labels = public")
    assert finding.fix == 'left = { ..., create-fields = { labels = ["public"] } }'


def test_a_filter_does_not_matter_where_nothing_is_created() -> None:
    demands = {Side.LEFT: (Demand("labels = public"),), Side.RIGHT: ()}
    rules = PairRules("pay", status=STATUS, create=Direction.LEFT_TO_RIGHT)
    assert said(pair(demands=demands, rules=rules)) == []
    [finding] = foreseen([pair(demands=demands)])["pay"]
    assert finding.fix == 'create = "left-to-right", if no item is to be created there'


def test_two_pairs_that_share_a_scope_are_told_with_a_way_out() -> None:
    web = pair("web", right="acme/web", rules=PairRules("web", status=STATUS))
    [finding] = foreseen([pair(), web])["web"]
    assert (finding.severity, finding.about) == (Severity.WARNING, "pairs pay and web")
    assert finding.message.startswith("both have PAY: an item there is in step with the first of them that takes it")
    assert finding.fix == "[[routes]] with one rule for each, or a filter of each on PAY"


@pytest.mark.parametrize(
    ("create", "told"), [(Direction.RIGHT_TO_LEFT, 1), (Direction.OFF, 0), (Direction.LEFT_TO_RIGHT, 1)]
)
def test_only_pairs_that_take_from_a_scope_are_told(create: Direction, told: int) -> None:
    web = pair("web", right="acme/web", rules=PairRules("web", status=STATUS, create=create))
    assert len(said(pair(), web)) == told


def test_what_the_file_lets_through_is_told_as_what_goes_on() -> None:
    web = pair("web", right="acme/web", rules=PairRules("web", status=STATUS, shares_with=frozenset({"pay"})))
    [message] = said(pair(), web)
    assert message == "both have PAY: what comes from acme/pay goes on to acme/web, as shares-with says"


def test_places_of_one_route_are_told_apart_by_their_rules() -> None:
    first, second = (
        pair(
            name, right=f"acme/{name}", rules=PairRules(name, status=STATUS, route=Route(Side.LEFT, frozenset({other})))
        )
        for name, other in (("pay", "web"), ("web", "pay"))
    )
    assert [message for message in said(first, second) if message.startswith("both have")] == []


def test_filters_that_tell_the_pairs_apart_close_the_way() -> None:
    first = pair(filters={Side.LEFT: "component = pay", Side.RIGHT: ""})
    second = pair(
        "web",
        right="acme/web",
        rules=PairRules("web", status=STATUS),
        filters={Side.LEFT: "component = web", Side.RIGHT: ""},
    )
    assert said(first, second) == []
    assert len(said(first, replace(second, filters=first.filters))) == 1
    assert len(said(first, replace(second, filters={Side.LEFT: "", Side.RIGHT: ""}))) == 1


def test_a_pair_whose_creates_are_known_to_fall_outside_is_refused() -> None:
    for certain, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        demand = Demand("labels in (a, b)", certain=certain)
        (finding,) = foreseen([pair(demands={Side.LEFT: (demand,), Side.RIGHT: ()})])["pay"]
        assert finding.severity is severity


@pytest.mark.parametrize(("leaving", "words"), [("follow", "stays in step"), ("hold", "is held at once")])
def test_what_becomes_of_a_task_that_leaves_a_filter_is_told(leaving: str, words: str) -> None:
    made = pair(filters={Side.LEFT: "x", Side.RIGHT: ""}, leaving={Side.LEFT: (Leaving(leaving), False)})
    (finding,) = foreseen([made])["pay"]
    assert (finding.severity, words in finding.message) == (Severity.INFO, True)
    assert f'when-it-leaves = "{leaving}", by default' in finding.message


def test_sub_tasks_that_no_text_can_list_are_told() -> None:
    rules = replace(PairRules("pay", status=STATUS), sub_tasks=SubTasks.LIST)
    assert said(pair(rules=rules)) == []
    one_way = replace(rules, fields={**rules.fields, Field.BODY: FieldRule(Direction.LEFT_TO_RIGHT)})
    assert said(pair(rules=one_way)) == ["no list of sub-tasks is written on PAY, where the rules carry no text"]
