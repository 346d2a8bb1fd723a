"""Rules against what trackers know: what would fail, vanish or leak is said, with the line that fixes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.checking import Demand, Finding, Severity, Vocabulary
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.model import COLUMN, Audience, Field, Kind, Side
from syncer.core.config_check import Inspected, inspect
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import Command, CommandRules, CustomRule, Direction, FieldRule, MappedPerson, PairRules

STATUS = Relation(
    (
        MapRow(MapCell("To Do"), MapCell("open")),
        MapRow(MapCell("Done"), MapCell("closed", "completed")),
    )
)
RULES = PairRules("payments", status=STATUS)
FIELDS = dict.fromkeys((Field.TITLE, Field.STATUS, Field.LABELS, Field.ASSIGNEES), Fidelity.EXACT)
CAPABILITIES = Capabilities({Kind.TASK: FIELDS})
JIRA = Vocabulary(statuses=("To Do", "Done"), types=("Task", "Bug"), accounts=("li.wei",))
GITHUB = Vocabulary(statuses=("open", "closed"), reasons=("completed", "not_planned"), accounts=("liwei",))
PEOPLE = (MappedPerson("Li Wei", {Side.LEFT: "li.wei", Side.RIGHT: "liwei"}),)

PAIR = Inspected(
    rules=replace(RULES, people=PEOPLE, publish=frozenset()),
    vocabulary={Side.LEFT: JIRA, Side.RIGHT: GITHUB},
    capabilities={Side.LEFT: CAPABILITIES, Side.RIGHT: CAPABILITIES},
    audience={Side.LEFT: Audience.MEMBERS, Side.RIGHT: Audience.MEMBERS},
    names={Side.LEFT: "PAY", Side.RIGHT: "acme/pay"},
)


def with_rules(**changes: object) -> Inspected:
    return replace(PAIR, rules=replace(PAIR.rules, **changes))  # type: ignore[arg-type]


POINTS = Field.declared("points")


def with_custom(
    left: CustomField | str, right: CustomField | str, *rows: tuple[str, str], **rule: Direction
) -> Inspected:
    """A pair that declares one field, with what both sides tell of it."""
    relation = Relation(tuple(MapRow(MapCell(one), MapCell(other)) for one, other in rows))
    pair = with_rules(fields={**PAIR.rules.fields, POINTS: FieldRule(**rule)}, custom={POINTS: CustomRule(relation)})
    told = {Side.LEFT: left, Side.RIGHT: right}
    return replace(pair, capabilities={side: CAPABILITIES.with_declared({POINTS: told[side]}) for side in Side})


def said(pair: Inspected) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.about) for finding in inspect(pair)]


def test_a_pair_that_fits_gives_no_reason_to_say_anything() -> None:
    assert inspect(PAIR) == []


def test_a_status_that_does_not_exist_is_an_error_with_the_nearest_one() -> None:
    rows = Relation((*STATUS.rows, MapRow(MapCell("Dome"), MapCell("closed", "not_planned"))))
    [finding] = inspect(with_rules(status=rows))
    assert (finding.severity, finding.about) == (Severity.ERROR, 'status "Dome"')
    assert 'did you mean "Done"?' in finding.message
    assert "known are: To Do, Done" in finding.fix


def test_a_reason_that_does_not_exist_is_an_error() -> None:
    rows = Relation((*STATUS.rows, MapRow(MapCell("Done"), MapCell("closed", "not-planned"))))
    assert said(with_rules(status=rows)) == [(Severity.ERROR, 'status reason "not-planned"')]


def test_names_are_compared_without_case() -> None:
    rows = Relation(
        (MapRow(MapCell("to do"), MapCell("Open")), MapRow(MapCell("DONE"), MapCell("closed", "Completed")))
    )
    assert inspect(with_rules(status=rows)) == []


def test_a_status_that_no_row_names_is_a_warning_with_the_row_to_add() -> None:
    wider = replace(JIRA, statuses=("To Do", "In Review", "Done"))
    [finding] = inspect(replace(PAIR, vocabulary={Side.LEFT: wider, Side.RIGHT: GITHUB}))
    assert (finding.severity, finding.about) == (Severity.WARNING, 'status "In Review"')
    assert finding.fix == '[pairs.fields.status] map: add ["In Review", "..."] with one of open, closed:completed'


def test_a_field_that_is_off_is_not_looked_at() -> None:
    fields = {**RULES.fields, Field.STATUS: FieldRule(Direction.OFF)}
    assert inspect(with_rules(fields=fields, status=Relation((MapRow(MapCell("Nowhere"), MapCell("open")),)))) == []


def test_a_side_that_shows_a_type_by_label_needs_no_native_name() -> None:
    rows = Relation((MapRow(MapCell("Bug"), MapCell(label="bug")), MapRow(MapCell("Task"), MapCell())))
    assert inspect(with_rules(type=rows)) == []


def test_a_default_type_must_exist() -> None:
    [finding] = inspect(with_rules(default_type={Side.LEFT: "Taks"}))
    assert (finding.severity, finding.fix) == (Severity.ERROR, "default-type.left: choose one of Task, Bug")


def test_a_person_who_cannot_be_assigned_is_a_warning() -> None:
    people = (MappedPerson("Li Wei", {Side.LEFT: "li.wee", Side.RIGHT: "liwei"}),)
    found = inspect(with_rules(people=people))
    assert (found[0].severity, found[0].about) == (Severity.WARNING, "people Li Wei")
    assert 'did you mean "li.wei"?' in found[0].message


def test_accounts_without_a_person_are_a_note() -> None:
    assert said(with_rules(people=())) == [(Severity.INFO, "people"), (Severity.INFO, "people")]


@pytest.mark.parametrize("fidelity", [None, Fidelity.READ_ONLY])
def test_a_field_the_other_side_cannot_hold_is_a_note(fidelity: Fidelity | None) -> None:
    right = {**FIELDS, **({} if fidelity is None else {Field.DUE: fidelity})}
    capabilities = {
        Side.LEFT: Capabilities({Kind.TASK: {**FIELDS, Field.DUE: Fidelity.EXACT}}),
        Side.RIGHT: Capabilities({Kind.TASK: right}),
    }
    assert said(replace(PAIR, capabilities=capabilities)) == [(Severity.INFO, "field due")]


def test_components_that_travel_as_labels_are_no_loss() -> None:
    capabilities = {
        Side.LEFT: Capabilities({Kind.TASK: {**FIELDS, Field.COMPONENTS: Fidelity.EXACT}}),
        Side.RIGHT: CAPABILITIES,
    }
    pair = replace(PAIR, capabilities=capabilities)
    assert inspect(pair) == []
    assert said(replace(pair, rules=replace(pair.rules, component_prefix=""))) == [(Severity.INFO, "field components")]


def test_what_would_be_published_is_named() -> None:
    pair = replace(
        with_rules(publish=frozenset({"title", "comments", "due"})),
        audience={Side.LEFT: Audience.MEMBERS, Side.RIGHT: Audience.PUBLIC},
    )
    [finding] = inspect(pair)
    assert finding.severity is Severity.WARNING
    assert (
        "from PAY (members) to acme/pay (public) these fields would be published: title, due, comments"
        in finding.message
    )


def test_a_wider_side_without_publish_gets_nothing_and_that_is_said() -> None:
    pair = replace(PAIR, audience={Side.LEFT: Audience.PUBLIC, Side.RIGHT: Audience.ORGANIZATION})
    [finding] = inspect(pair)
    assert "nothing goes from acme/pay (organization) to PAY (public)" in finding.message
    assert finding.fix.startswith('publish = ["title", "status", "labels", "assignees"]')


def test_nothing_is_said_about_publishing_where_nothing_is_written() -> None:
    off = FieldRule(Direction.RIGHT_TO_LEFT)
    pair = replace(
        with_rules(fields=dict.fromkeys(RULES.fields, off), create=Direction.RIGHT_TO_LEFT, comments=off),
        audience={Side.LEFT: Audience.MEMBERS, Side.RIGHT: Audience.PUBLIC},
    )
    assert inspect(pair) == []


def test_an_unknown_audience_is_an_error_with_the_line_that_declares_it() -> None:
    pair = replace(PAIR, audience={Side.LEFT: Audience.RESTRICTED, Side.RIGHT: Audience.MEMBERS})
    errors = [finding for finding in inspect(pair) if finding.severity is Severity.ERROR]
    assert [finding.fix[:4] for finding in errors] == ["left"]


def test_the_worst_comes_first() -> None:
    rows = Relation((*STATUS.rows, MapRow(MapCell("Dome"), MapCell("open"))))
    severities = [severity for severity, _ in said(with_rules(status=rows, people=(), default_type={Side.LEFT: "X"}))]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_a_row_without_label_where_the_tracker_has_no_such_field_is_an_error() -> None:
    rules = {"priority": Relation((MapRow(MapCell("High"), MapCell.parse("priority: high")),))}
    fields = {**PAIR.rules.fields, Field.PRIORITY: FieldRule()}
    held = replace(CAPABILITIES, fields={Kind.TASK: {**FIELDS, Field.PRIORITY: Fidelity.EXACT}})
    pair = replace(
        with_rules(fields=fields, **rules),
        capabilities={Side.LEFT: held, Side.RIGHT: CAPABILITIES},
        vocabulary={Side.LEFT: replace(JIRA, priorities=("High",)), Side.RIGHT: GITHUB},
    )
    [finding] = [finding for finding in inspect(pair) if finding.severity is Severity.ERROR]
    assert finding.about == 'priority "priority: high"'
    assert finding.fix == '[pairs.fields.priority] map: write "label:priority: high"'


def test_what_a_create_is_refused_without_is_an_error_of_the_types_that_are_created() -> None:
    team = Demand('field "Team" (customfield_1)', "create-fields = { customfield_1 = 3 }")
    due = Demand('field "Due date" (duedate)', "create-fields = {}", always=False)
    jira = replace(JIRA, required={"Task": (team, due), "Bug": (team,), "Epic": (team,)}, usual_type="Task")
    bug = with_rules(type=Relation((MapRow(MapCell("Bug"), MapCell(label="bug")),)))
    pair = replace(bug, vocabulary={**PAIR.vocabulary, Side.LEFT: jira})
    found = {finding.about: finding for finding in inspect(pair)}
    assert found[team.needs].severity is Severity.ERROR
    assert found[team.needs].message == "PAY requires it of a new Task or Bug: the create is refused without it"
    assert found[due.needs].severity is Severity.WARNING
    closed = replace(pair, rules=replace(pair.rules, create=Direction.LEFT_TO_RIGHT))
    assert team.needs not in {finding.about for finding in inspect(closed)}


def test_where_mail_becomes_comments_a_forged_sender_is_named() -> None:
    obeying = with_rules(people=PEOPLE, commands=CommandRules(frozenset({Command.PAUSE}), (PEOPLE[0].name,)))
    by_mail = replace(CAPABILITIES, comments_by_mail=True)
    found = inspect(replace(obeying, capabilities={Side.LEFT: by_mail, Side.RIGHT: CAPABILITIES}))
    told = [one for one in found if one.about == "commands" and one.severity is Severity.WARNING]
    assert ["PAY: where mail becomes comments" in one.message for one in told] == [True]
    nobody = inspect(with_rules(people=PEOPLE, commands=CommandRules(frozenset({Command.PAUSE}))))
    assert ["nobody is obeyed" in one.message for one in nobody if one.about == "commands"] == [True]


def test_a_declared_field_that_fits_gives_no_reason_to_say_anything() -> None:
    number = CustomField(CustomType.NUMBER, "Story points")
    choice = CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low"))
    assert inspect(with_custom(number, number)) == []
    assert inspect(with_custom(choice, replace(choice, options=("P1", "low")), ("High", "P1"))) == []


def test_a_declared_field_that_a_side_does_not_have_is_an_error_that_says_why() -> None:
    (finding,) = inspect(with_custom(CustomField(CustomType.NUMBER, "Points"), 'has no field "Estimat"'))
    assert (finding.severity, finding.about) == (Severity.ERROR, "points")
    assert finding.message == 'acme/pay has no field "Estimat"'
    assert finding.fix == '[[pairs.custom]] name = "points": correct right, or what it names there'


def test_declared_fields_that_hold_different_things_are_an_error() -> None:
    (finding,) = inspect(with_custom(CustomField(CustomType.NUMBER, "Points"), CustomField(CustomType.TEXT, "Size")))
    assert finding.severity is Severity.ERROR
    assert finding.message == '"Points" holds a number on the left, and "Size" a text on the right'


def test_a_declared_field_that_a_side_computes_is_told_with_the_direction_that_is_left() -> None:
    number = CustomField(CustomType.NUMBER, "Points")
    (finding,) = inspect(with_custom(replace(number, read_only=True), number))
    assert finding.severity is Severity.WARNING
    assert finding.fix == '[[pairs.custom]] name = "points": direction = "left-to-right"'
    assert inspect(with_custom(replace(number, read_only=True), number, direction=Direction.LEFT_TO_RIGHT)) == []


def test_two_declared_fields_that_write_one_field_of_a_side_are_an_error() -> None:
    size, effort = Field.declared("size"), CustomField(CustomType.NUMBER, "Effort", id="customfield_1")
    other = replace(effort, name="Points", id="customfield_2")
    able = CAPABILITIES.with_declared({POINTS: effort, size: effort})
    apart = CAPABILITIES.with_declared({POINTS: effort, size: other})

    def found(direction: Direction) -> list[Finding]:
        rules = with_custom(effort, effort).rules
        fields = {**rules.fields, size: FieldRule(direction)}
        rules = replace(rules, fields=fields, custom={**rules.custom, size: rules.custom[POINTS]})
        return inspect(replace(PAIR, rules=rules, capabilities={Side.LEFT: able, Side.RIGHT: apart}))

    (finding,) = found(Direction.BOTH)
    assert (finding.severity, finding.about) == (Severity.ERROR, "size")
    assert finding.message == '"Effort" of PAY is written by "points", too'
    assert found(Direction.LEFT_TO_RIGHT) == []


def test_that_no_change_is_the_newest_where_a_side_dates_none_is_told() -> None:
    number = CustomField(CustomType.NUMBER, "Points")
    (finding,) = inspect(with_custom(number, replace(number, undated=True)))
    assert finding.severity is Severity.INFO
    assert finding.fix == '[[pairs.custom]] name = "points": on-conflict = "left" or "right" decides by itself'


def test_a_row_that_names_no_option_is_an_error_with_the_nearest_one() -> None:
    choice = CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low"))
    (finding,) = inspect(with_custom(choice, choice, ("Hihg", "High")))
    assert finding.severity is Severity.ERROR
    assert finding.message == '"Urgency" of PAY has no option "Hihg": did you mean "High"?'


def test_options_without_a_counterpart_are_told() -> None:
    left = CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low", "None"))
    right = CustomField(CustomType.CHOICE, "Level", options=("High", "Low"))
    (finding,) = inspect(with_custom(left, right))
    assert finding.severity is Severity.WARNING
    assert finding.message == '"Level" of acme/pay has nothing for None: such values stay where they are'


def test_a_map_for_what_has_no_options_is_an_error() -> None:
    number = CustomField(CustomType.NUMBER, "Points")
    (finding,) = inspect(with_custom(number, number, ("1", "2")))
    assert finding.message == '"Points" has no options to map'


def test_a_map_of_a_type_that_nobody_has_is_an_error_with_the_nearest_one() -> None:
    (finding,) = inspect(with_rules(by_type={(Field.STATUS, "bgu"): STATUS}))
    assert (finding.severity, finding.about) == (Severity.ERROR, 'status of type "bgu"')
    assert finding.message == 'neither side has a type of this name: did you mean "Bug"?'
    assert inspect(with_rules(by_type={(Field.STATUS, "bug"): STATUS})) == []


def with_columns(*options: str) -> Inspected:
    """A pair whose statuses are columns of a board with these options on the right."""
    rows = [
        MapRow(row.left, MapCell(row.right.name, row.right.reason, option=option))
        for row, option in zip(STATUS.rows, ("Todo", "Done"), strict=True)
    ]
    pair = with_rules(status=Relation((*rows,)))
    told = CustomField(CustomType.CHOICE, "Status", options=options, undated=True)
    right = CAPABILITIES.with_declared({COLUMN: told})
    return replace(pair, capabilities={Side.LEFT: CAPABILITIES, Side.RIGHT: right})


def test_a_status_may_be_a_column_of_a_board_that_has_it() -> None:
    (finding,) = inspect(with_columns("Todo", "Done"))
    assert finding.message.startswith('acme/pay does not tell when "Status" was changed')


def test_columns_that_a_board_lacks_and_those_that_no_row_names_are_told() -> None:
    missing, alone, _ = inspect(with_columns("Todo", "Dome"))
    assert missing.message == '"Status" of acme/pay has no option "Done": did you mean "Dome"?'
    assert missing.fix == "[pairs.fields.status] map: correct the row; known are: Todo, Dome"
    assert alone.message == 'no row of the map names Dome of "Status" of acme/pay: there only open or closed counts'


def test_a_place_of_the_status_that_no_row_names_is_an_error() -> None:
    pair = with_columns("Todo")
    worst = inspect(replace(pair, rules=replace(pair.rules, status=STATUS)))[0]
    assert (worst.severity, worst.message) == (
        Severity.ERROR,
        'no row of the map names an option of "Status" of acme/pay',
    )


def test_a_board_that_cannot_be_read_is_told_of_the_status() -> None:
    pair = with_columns("Todo")
    right = CAPABILITIES.with_declared({COLUMN: "has no project 3"})
    findings = inspect(replace(pair, capabilities={Side.LEFT: CAPABILITIES, Side.RIGHT: right}))
    assert ("field status", "acme/pay has no project 3") in [(one.about, one.message) for one in findings]
