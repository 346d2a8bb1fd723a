"""Fields of a board: read in turns, kept between them, written item by item, whatever becomes of the board."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.github import KIND
from connectors.github.boards_fields import BoardField, held
from connectors.github.connector import GitHubConnector
from connectors.github.mapping import MalformedError
from syncer.contract.checking import Severity
from syncer.contract.conformance import Remembered
from syncer.contract.conformance.world import milestone_draft
from syncer.contract.custom import CustomField, CustomType, DeclaredField
from syncer.contract.errors import Rejected
from syncer.contract.model import Field, Kind, Observed, Ref
from syncer.contract.sprint import Sprint
from syncer.sandbox.github import boards
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.model import Issue
from syncer.sandbox.profiles import NAMED
from tests.conformance.github_board import plan
from tests.conformance.github_world import BOT_TOKEN, REPOSITORY, GitHubWorld

HOUR = 3_600
POINTS, SIZE, SPRINT, NOTES = (Field.declared(name) for name in ("points", "size", "sprint", "notes"))
PLACES = {POINTS: "Estimate", SIZE: "Size", SPRINT: "Sprint", NOTES: "Notes"}


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    made = GitHubWorld().start()
    yield made
    made.stop()


@pytest.fixture
def board(world: GitHubWorld) -> Board:
    return plan(world)


@pytest.fixture
def issue(world: GitHubWorld, board: Board) -> Issue:
    """An issue on the board with a value in each field, and one that is not on it."""
    github = world.github
    made = github.add_issue(REPOSITORY, "On the board", "mia")
    github.add_issue(REPOSITORY, "Elsewhere", "mia")
    github.put_on_board(board, made, "mia", Estimate=3, Size="High", Sprint="Sprint 1", Notes="Ask")
    return made


def connector(world: GitHubWorld, *, add: bool = False, project: int = 1, owner: str = "", **settings: Any) -> Any:
    """A connector that was told of the fields; as a run opens one."""
    made: GitHubConnector = world.connector(**settings)
    more = {"owner": owner} if owner else {}
    made.declare(
        [
            DeclaredField(name, KIND.custom_locator({"project": project, "field": place, "add": add, **more}))
            for name, place in PLACES.items()
        ]
    )
    return made


def ran(world: GitHubWorld, store: Remembered, **options: Any) -> GitHubConnector:
    """A run that reads on, and nothing else."""
    made: GitHubConnector = connector(world, **options)
    store.follow(made)
    return made


def shown(store: Remembered, issue: Issue) -> dict[Field, object]:
    """What the store knows of an issue in the declared fields."""
    return {name: value for name, value in stored(store, issue).showing.items() if name.custom}


def stored(store: Remembered, issue: Issue) -> Observed:
    return store.items[Ref(Kind.TASK, str(issue.id))]


WHOLE = {POINTS: 3.0, SIZE: "High", SPRINT: "Sprint 1", NOTES: "Ask"}


# --- reading in turns


def test_check_says_that_an_order_is_wanted_and_no_project_is_read(world: GitHubWorld) -> None:
    assert "rank" in [finding.about for finding in world.connector(rank=True).check()]
    assert "rank" not in [finding.about for finding in world.connector().check()]


def test_the_order_of_a_board_is_read_where_it_is_the_order_of_the_plan(world: GitHubWorld, board: Board) -> None:
    issues = [world.github.add_issue(REPOSITORY, title, "mia") for title in ("One", "Two", "Three", "Four")]
    for each in issues[:3]:
        world.github.put_on_board(board, each, "mia")
    store = Remembered()

    def places() -> list[str]:
        told = {one.title: stored(store, one).facts.rank for one in issues if stored(store, one).facts.rank}
        return sorted(told, key=told.__getitem__)

    ran(world, store, rank=True)
    assert places() == ["One", "Two", "Three"]
    known = {one.title: stored(store, one).facts.rank for one in issues}
    board.items.insert(0, board.items.pop())
    world.advance(60)
    world.github.edit_issue(REPOSITORY, issues[0].number, "mia", body="Edited")
    assert ran(world, store, rank=True).requests == 1
    assert places() == ["One", "Two", "Three"]
    world.advance(HOUR)
    assert ran(world, store, rank=True).requests == 1 + 1
    assert places() == ["Three", "One", "Two"]
    assert [one.title for one in issues if stored(store, one).facts.rank != known[one.title]] == ["Three"]
    world.advance(HOUR)
    ran(world, store)
    assert places() == []


def test_a_complete_reading_shows_the_values_with_their_issues(world: GitHubWorld, issue: Issue) -> None:
    store = Remembered()
    made = ran(world, store)
    assert shown(store, issue) == WHOLE
    assert shown(store, world.github.repository(REPOSITORY).issues[2]) == {}
    told = made.capabilities.custom
    assert {name: told[name].type for name in PLACES} == {
        POINTS: CustomType.NUMBER,
        SIZE: CustomType.CHOICE,
        SPRINT: CustomType.SPRINT,
        NOTES: CustomType.TEXT,
    }
    assert told[SPRINT].options == ("Sprint 1", "Sprint 2")  # what is over takes nothing any more


def test_a_task_tells_the_days_of_its_iteration(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    today = world.clock.now().date()
    sprint = board.field_named("Sprint").iterations[1]
    now = Sprint("Sprint 1", sprint.id, start=today, end=today + timedelta(days=13))
    assert (stored(store, issue).facts.iteration, stored(store, issue).facts.sprints) == ("Sprint 1", (now,))
    assert stored(store, world.github.repository(REPOSITORY).issues[2]).facts.sprints == ()
    world.github.edit_issue(REPOSITORY, issue.number, "mia", title="Other")
    ran(world, store)
    assert stored(store, issue).facts.sprints == (now,)  # kept in the cursor: no board was read
    world.github.put_on_board(board, issue, "mia", Sprint="Sprint 2")
    world.advance(HOUR)
    ran(world, store)
    assert stored(store, issue).facts.iteration == "Sprint 2"


def test_a_run_that_does_not_ask_costs_what_it_did_and_one_that_asks_one_request_more(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    world.advance(HOUR / 2)
    world.github.put_on_board(board, issue, "mia", Estimate=5)
    assert ran(world, store).requests == 1
    assert shown(store, issue)[POINTS] == 3.0
    world.advance(HOUR / 2)
    before = stored(store, issue)
    assert ran(world, store).requests == 2
    after = stored(store, issue)
    assert after.showing == {**before.showing, POINTS: 5.0}
    assert (after.updated, after.version != before.version) == (before.updated, True)
    assert ran(world, store).requests == 1


def test_with_edges_every_run_each_run_asks(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store, edges_every="run")
    world.github.put_on_board(board, issue, "mia", Estimate=8)
    assert ran(world, store, edges_every="run").requests == 2
    assert shown(store, issue)[POINTS] == 8.0


def test_a_turn_costs_one_request_for_each_hundred_items(world: GitHubWorld, board: Board) -> None:
    world.github.seed_issues(REPOSITORY, 250)
    for seeded in world.github.repository(REPOSITORY).issues.values():
        world.github.put_on_board(board, seeded, "mia", Estimate=seeded.number)
    store = Remembered()
    ran(world, store)
    world.advance(HOUR)
    assert ran(world, store).requests == 1 + 3
    assert {item.showing[POINTS] for item in store.items.values()} == {float(each) for each in range(1, 251)}


def test_an_issue_that_is_edited_between_two_turns_keeps_its_values(world: GitHubWorld, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    world.advance(60)
    world.github.edit_issue(REPOSITORY, issue.number, "mia", title="Other")
    assert ran(world, store).requests == 1
    assert stored(store, issue).showing[Field.TITLE] == "Other"
    assert shown(store, issue) == WHOLE


def test_an_issue_that_came_between_two_turns_shows_its_values_at_the_next(world: GitHubWorld, board: Board) -> None:
    store = Remembered()
    ran(world, store)
    world.advance(60)
    late = world.github.add_issue(REPOSITORY, "Late", "mia")
    world.github.put_on_board(board, late, "mia", Estimate=1)
    ran(world, store)
    assert shown(store, late) == {}
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, late) == {POINTS: 1.0, SIZE: None, SPRINT: None, NOTES: ""}


def test_a_turn_that_is_cut_short_is_taken_again(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    world.github.seed_issues(REPOSITORY, 120)  # two pages of changes
    world.github.put_on_board(board, issue, "mia", Estimate=5)
    world.advance(HOUR)
    store.store(next(iter(connector(world).changes(store.cursor, store))))
    ran(world, store)
    assert shown(store, issue)[POINTS] == 5.0


# --- off the board


def test_whoever_takes_an_issue_off_the_board_empties_nothing(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_item(board, board.items[0])
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, issue) == WHOLE
    with pytest.raises(Rejected, match="points: acme/pay#1 is not on project 1 of acme; put it there, or write add"):
        connector(world).update(stored(store, issue), {POINTS: 5.0})
    made = connector(world, add=True)
    assert made.update(stored(store, issue), {POINTS: 5.0}).showing[POINTS] == 5.0
    assert [item.content for item in board.items] == [issue]


def test_an_issue_that_is_put_on_the_board_with_nothing_empties_nothing(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_item(board, board.items[0])
    world.advance(HOUR)
    world.github.put_on_board(board, issue, "mia")
    ran(world, store)
    assert shown(store, issue) == WHOLE
    world.advance(HOUR)
    world.github.put_on_board(board, issue, "mia", Size="Low")  # somebody works on it: now the others are empty
    ran(world, store)
    assert shown(store, issue) == {POINTS: None, SIZE: "Low", SPRINT: None, NOTES: ""}


def test_an_issue_that_is_there_already_and_cannot_be_added_is_held_until_a_turn(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store, add=True)
    other = world.github.repository(REPOSITORY).issues[2]
    world.github.put_on_board(board, other, "mia")
    world.github.behaviour.added_twice = "refused"
    with pytest.raises(Rejected, match="points: cannot put acme/pay#2 on project 1 of acme"):
        ran(world, store, add=True).update(stored(store, other), {POINTS: 5.0})
    world.advance(HOUR)
    made = ran(world, store, add=True)
    assert made.update(stored(store, other), {POINTS: 5.0}).showing[POINTS] == 5.0
    assert len(board.items) == 2


def test_an_archived_item_keeps_its_values_and_takes_none(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    board.items[0].archived_at = world.clock.now()
    world.advance(HOUR)
    made = ran(world, store)
    assert shown(store, issue) == WHOLE
    with pytest.raises(Rejected, match="points: acme/pay#1 is archived on project 1 of acme"):
        made.update(stored(store, issue), {POINTS: 5.0})


def test_without_add_an_issue_that_is_not_on_the_board_shows_nothing_and_takes_nothing(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    made = ran(world, store)
    other = world.github.repository(REPOSITORY).issues[2]
    with pytest.raises(Rejected, match="is not on project 1 of acme"):
        made.update(stored(store, other), {POINTS: 5.0})
    assert len(board.items) == 1


# --- what becomes of a field


def test_a_field_that_was_renamed_is_not_held_and_empties_nothing(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    board.field_named("Estimate").name = "Estimates"
    world.advance(HOUR)
    made = ran(world, store)
    assert made.declared()[POINTS] == 'has no field "Estimate" on project 1 of acme: did you mean "Estimates"?'
    assert POINTS not in made.capabilities.fields[Kind.TASK]
    assert shown(store, issue) == {name: value for name, value in WHOLE.items() if name is not POINTS}
    board.field_named("Estimates").name = "Estimate"
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, issue) == WHOLE


def test_a_field_that_was_deleted_is_not_held_and_the_others_are(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_field(board, "Estimate")
    world.advance(HOUR)
    made = ran(world, store)
    assert isinstance(made.declared()[POINTS], str)
    assert isinstance(made.declared()[SIZE], CustomField)
    assert shown(store, issue) == {name: value for name, value in WHOLE.items() if name is not POINTS}


def test_a_field_that_is_of_another_type_now_is_told_with_it(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_field(board, "Estimate")
    boards.add_field(world.github, board, "Estimate", "text")
    world.github.put_on_board(board, issue, "mia", Estimate="three")
    world.advance(HOUR)
    told = ran(world, store).declared()[POINTS]
    assert isinstance(told, CustomField)
    assert told.type is CustomType.TEXT
    assert shown(store, issue)[POINTS] == "three"


def test_an_option_and_an_iteration_that_are_removed_while_in_use_are_shown_no_more_and_are_no_options(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_option(board, "Size", "High")
    boards.remove_option(board, "Sprint", "Sprint 1")
    world.advance(HOUR)
    made = ran(world, store)
    assert shown(store, issue) == {**WHOLE, SIZE: None, SPRINT: None}
    assert made.capabilities.custom[SIZE].options == ("Low",)
    boards.remove_option(board, "Size", "Low")
    world.github.put_on_board(board, issue, "mia", Estimate=None)
    world.advance(HOUR)
    made = ran(world, store)
    assert shown(store, issue) == {**WHOLE, SIZE: None, SPRINT: None, POINTS: None}


@pytest.mark.parametrize("value", ["1e300", "-1e300", '"5"', "true", "{}", '["3"]'])
def test_a_number_that_makes_no_sense_is_not_shown_and_the_rest_is(
    world: GitHubWorld, board: Board, issue: Issue, value: str
) -> None:
    store = Remembered()
    ran(world, store)
    world.faults.rewriting = _put(f'"name":"Estimate","data_type":"number","value":{value}')
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, issue) == {name: shows for name, shows in WHOLE.items() if name is not POINTS}
    assert stored(store, issue).showing[Field.TITLE] == "On the board"
    assert stored(store, issue).facts.uncarried == (POINTS,)
    world.faults.rewriting = None
    world.advance(HOUR)
    ran(world, store)
    assert (shown(store, issue), stored(store, issue).facts.uncarried) == (WHOLE, ())


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_none_of_a_field(value: float) -> None:
    field = BoardField(1, "Estimate", "number")
    with pytest.raises(MalformedError):
        held(field, [{"id": 1, "name": "Estimate", "data_type": "number", "value": value}])


def _put(text: str) -> Callable[[str, bytes], bytes]:
    """Replaces what an item shows of the field Estimate."""
    usual = b'"name":"Estimate","data_type":"number","value":3'

    def rewrite(path: str, body: bytes) -> bytes:
        return body.replace(usual, text.encode()) if "/items" in path else body

    return rewrite


def test_an_item_whose_values_are_missing_keeps_nothing_from_being_shown(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    def without_fields(path: str, body: bytes) -> bytes:
        if not path.endswith("/items"):
            return body
        answer = json.loads(body)
        for row in answer:
            del row["fields"]
        return json.dumps(answer).encode()

    store = Remembered()
    ran(world, store)
    world.faults.rewriting = without_fields
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, issue) == WHOLE


def test_a_text_is_understood_in_both_forms(world: GitHubWorld, board: Board, issue: Issue) -> None:
    world.github.behaviour.board_text = "formatted"
    store = Remembered()
    ran(world, store)
    assert shown(store, issue)[NOTES] == "Ask"


# --- access


def test_a_token_without_the_permission_is_told_and_the_issues_are_shown(world: GitHubWorld, issue: Issue) -> None:
    store = Remembered()
    world.github.tokens[BOT_TOKEN].scopes = ("repo",)
    made = ran(world, store)
    assert "does not let this token read project 1 of acme" in str(made.declared()[POINTS])
    assert stored(store, issue).showing[Field.TITLE] == "On the board"
    assert shown(store, issue) == {}


def test_a_board_that_nobody_shows_is_told_and_found_again_at_the_next_turn(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    board.deleted = True
    made = ran(world, store)
    assert "shows this token no project 1 of acme" in str(made.declared()[POINTS])
    board.deleted = False
    world.advance(HOUR)
    ran(world, store)
    assert shown(store, issue) == WHOLE


def test_a_board_that_is_lost_later_empties_nothing(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    board.deleted = True
    world.advance(HOUR)
    made = ran(world, store)
    assert "shows this token no project 1 of acme" in str(made.declared()[POINTS])
    assert stored(store, issue).showing[Field.TITLE] == "On the board"
    assert not {POINTS, SIZE} & made.capabilities.fields[Kind.TASK].keys()


def test_an_enterprise_server_has_no_boards(world: GitHubWorld) -> None:
    old = GitHubWorld(profiles=[NAMED["ghes-3.19"]]).start()
    store = Remembered()
    made = ran(old, store)
    assert made.declared()[POINTS] == "is on GitHub Enterprise Server 3.19.0, whose interface has no projects"
    old.stop()


def test_a_board_of_a_user_is_found(world: GitHubWorld, board: Board, issue: Issue) -> None:
    mine = world.github.add_board("sync-bot", "Mine", "sync-bot")
    boards.add_field(world.github, mine, "Estimate", "number")
    world.github.put_on_board(mine, issue, "sync-bot", Estimate=13)
    store = Remembered()
    ran(world, store, owner="sync-bot")
    assert shown(store, issue) == {POINTS: 13.0}
    world.advance(HOUR)
    assert ran(world, store, owner="sync-bot").requests == 2 + 1  # Size and others are not there: asked anew


def test_an_issue_on_two_boards_has_the_values_of_both(world: GitHubWorld, board: Board, issue: Issue) -> None:
    second = world.github.add_board("acme", "Second", "mia")
    boards.add_field(world.github, second, "Estimate", "number")
    world.github.put_on_board(second, issue, "mia", Estimate=21)
    other = Field.declared("other points")
    made: GitHubConnector = world.connector()
    made.declare(
        [
            DeclaredField(POINTS, KIND.custom_locator({"project": 1, "field": "Estimate"})),
            DeclaredField(other, KIND.custom_locator({"project": 2, "field": "Estimate"})),
        ]
    )
    store = Remembered()
    store.follow(made)
    assert shown(store, issue) == {POINTS: 3.0, other: 21.0}
    updated = made.update(stored(store, issue), {POINTS: 1.0, other: 2.0})
    assert (updated.showing[POINTS], updated.showing[other]) == (1.0, 2.0)
    assert [item.values[each.field_named("Estimate").id] for each in (board, second) for item in each.items] == [1, 2]


# --- writing


def test_one_changed_field_costs_three_requests_beside_the_list(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    made = ran(world, store)
    before = made.requests
    updated = made.update(stored(store, issue), {POINTS: 8.0, SPRINT: "Sprint 2"})
    assert (updated.showing[POINTS], updated.showing[SPRINT]) == (8.0, "Sprint 2")
    assert made.requests - before == 3  # the issue, the item, and the change of both fields


def test_a_value_that_somebody_changed_meanwhile_is_not_written_over(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    made = ran(world, store)
    world.github.put_on_board(board, issue, "mia", Estimate=13)
    with pytest.raises(Exception, match="points of acme/pay#1 was changed meanwhile"):
        made.update(stored(store, issue), {POINTS: 8.0})
    assert board.items[0].values[board.field_named("Estimate").id] == 13


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (SPRINT, "Sprint 0", 'sprint: the iteration "Sprint 0" of Sprint is completed; nothing is moved into it'),
        (SPRINT, "Sprint 9", 'sprint: the field Sprint has no iteration "Sprint 9"; add it there'),
        (SIZE, "Huge", 'size: the field Size has no option "Huge"; add it there'),
        (POINTS, math.nan, "points: the field Estimate cannot hold nan"),
        (POINTS, 1e300, "points: the field Estimate cannot hold 1e"),
        (POINTS, date(2026, 4, 1), "points: the field Estimate cannot hold"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_name_and_nothing_is_sent(
    world: GitHubWorld, board: Board, issue: Issue, name: Field, value: Any, said: str
) -> None:
    store = Remembered()
    made = ran(world, store)
    with pytest.raises(Rejected) as refused:
        made.update(stored(store, issue), {name: value})
    assert said in str(refused.value)
    ran(world, store)
    assert shown(store, issue) == WHOLE


def test_an_option_that_was_added_since_is_found(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    boards.add_option(world.github, board, "Size", "Huge")
    made = ran(world, store)
    assert made.update(stored(store, issue), {SIZE: "Huge"}).showing[SIZE] == "Huge"


def test_a_change_whose_answer_was_lost_is_found_out(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    made = ran(world, store)
    world.fail_next_write("commit-then-close")
    assert made.update(stored(store, issue), {POINTS: 8.0}).showing[POINTS] == 8.0


def test_an_item_that_was_put_there_anew_is_found(world: GitHubWorld, board: Board, issue: Issue) -> None:
    store = Remembered()
    ran(world, store)
    boards.remove_item(board, board.items[0])
    world.github.put_on_board(board, issue, "mia", Estimate=3)
    made = ran(world, store)
    assert made.update(stored(store, issue), {POINTS: 8.0}).showing[POINTS] == 8.0


def test_a_cursor_that_cannot_be_read_costs_a_turn_and_nothing_else(
    world: GitHubWorld, board: Board, issue: Issue
) -> None:
    store = Remembered()
    ran(world, store)
    data = json.loads(store.cursor or "")
    for junk in ({"boards": 7}, {"boards": {"acme/1": {"places": data["boards"]["acme/1"]["places"], "fields": 3}}}):
        store.cursor = type(store.cursor)(json.dumps({**data, **junk}))  # type: ignore[misc]
        ran(world, store)
        assert shown(store, issue) == WHOLE


# --- what check says


def said(made: GitHubConnector) -> list[str]:
    return [f"{found.about}: {found.message} {found.fix}" for found in made.check() if "project 1" in found.about]


def test_check_names_iterations_that_overlap(world: GitHubWorld, board: Board) -> None:
    assert said(connector(world)) == []
    board.field_named("Sprint").iterations[1].duration = 15
    assert said(connector(world)) == [
        'Sprint of project 1 of acme: the iterations "Sprint 1" and "Sprint 2" overlap: such a day is in two sprints'
        " Move or rename one of them in the settings of the field."
    ]


def test_check_names_iterations_of_one_name(world: GitHubWorld, board: Board) -> None:
    board.field_named("Sprint").iterations[2].title = "Sprint 1"
    (found,) = said(connector(world))
    assert 'several iterations are called "Sprint 1"' in found


def test_check_says_the_period_that_the_size_of_a_board_allows(world: GitHubWorld, board: Board) -> None:
    world.github.seed_issues(REPOSITORY, 801)
    for seeded in world.github.repository(REPOSITORY).issues.values():
        world.github.put_on_board(board, seeded, "mia")
    assert said(connector(world)) == []
    assert said(connector(world, edges_every="run")) == [
        'project 1 of acme: has 801 issues: reading it takes 9 requests, too many for edges-every = "run"'
        ' Set edges-every = "1h" for the tracker.'
    ]


def test_check_goes_on_where_a_board_is_not_shown(world: GitHubWorld, board: Board) -> None:
    board.deleted = True
    assert [found for found in connector(world).check() if found.severity is Severity.ERROR] == []


@pytest.mark.parametrize("used", [True, False])
def test_the_scope_for_projects_is_more_than_is_needed_only_where_none_is_used(
    world: GitHubWorld, board: Board, used: bool
) -> None:
    made = connector(world) if used else world.connector()
    excessive = [found for found in made.check() if "more than is needed: project" in found.message]
    assert len(excessive) == (0 if used else 1)


def test_a_new_milestone_keeps_its_day_where_the_day_of_tasks_is_on_a_board(world: GitHubWorld, board: Board) -> None:
    opened = world.connector(scope={})
    opened.declare([DeclaredField(Field.DUE, KIND.custom_locator({"project": 1, "field": "Target"}))])
    Remembered().follow(opened)
    draft = milestone_draft("Spring")
    (made,) = opened.create([replace(draft, fields={**draft.fields, Field.DUE: date(2026, 5, 31)})])
    assert isinstance(made, Observed)
    assert made.showing[Field.DUE] == date(2026, 5, 31)
