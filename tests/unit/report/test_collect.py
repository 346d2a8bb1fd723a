"""From a real store to the collaboration, and to the figures of a week."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.jira.wiki import WikiMarkup
from syncer.contract.connector import Page
from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Cursor,
    Facts,
    Field,
    Kind,
    Observed,
    Ref,
    Side,
    Status,
    Version,
)
from syncer.core.link_reason import Because, LinkReason
from syncer.core.records import Conflict, Link, LinkState, RunRecord, SideState
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, MappedPerson, Meaning, PairRules
from syncer.core.steering import PausedItem
from syncer.report import Window, report_of_week
from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.metrics.resources import TASKS_OPEN
from syncer.report.metrics.sync import SYNC_WRITES
from syncer.report.model.collaboration import Aim, Collaboration, Criterion, GoalKind, Steering, Task
from syncer.report.model.timeline import Cause, Standing
from syncer.richtext.plain import PlainMarkup
from syncer.store import Lease, Store

PAIR = "payments"
LEFT, RIGHT = Side.LEFT, Side.RIGHT
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Window(2026, 47, UTC)
OPEN = Status("To Do", Category.TODO)
DOING = Status("In Progress", Category.DOING)
DONE = Status("Done", Category.DONE, "Done")
RULES = PairRules(
    PAIR,
    status=Relation(
        (
            MapRow(MapCell("To Do"), MapCell("open")),
            MapRow(MapCell("In Progress"), MapCell("open", None, "status: doing")),
        )
    ),
    type=Relation((MapRow(MapCell("Epic"), MapCell(label="epic")),)),
    people=(MappedPerson("Lin Mei", {LEFT: "lin.mei", RIGHT: "linmei-dev"}),),
)


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def item(number: int, *, kind: Kind = Kind.TASK, **changes: Any) -> Observed:
    fields = {Field.TITLE: f"Task {number}", Field.BODY: "", Field.STATUS: OPEN, Field.LABELS: ()}
    fields |= changes.pop("fields", {})
    created = changes.pop("created", at(2))
    values: dict[str, Any] = {
        "ref": Ref(kind, str(number)),
        "key": f"PAY-{number}",
        "url": f"https://acme.example/{number}",
        "version": Version(str(changes.get("updated", created))),
        "created": created,
        "updated": created,
        "showing": fields,
        "audience": Audience.MEMBERS,
        "author": Account("zhao.min", "Zhao Min 赵敏"),
    }
    return Observed(**(values | changes))


class World:
    """A store with one pair, written as a sync would."""

    def __init__(self, store: Store, lease: Lease) -> None:
        self.store = store
        self.lease = lease

    def show(self, side: Side, *items: Observed, operation: str | None = None) -> None:
        self.store.observed.save_page(self.lease, side, Page(items, Cursor("")), seen_at=NOW, operation=operation)

    def link(self, left: int, right: int, *, kind: Kind = Kind.TASK, origin: Side = LEFT, **changes: Any) -> None:
        link = Link(f"{kind}-{left}", PAIR, kind, Ref(kind, str(left)), Ref(kind, str(right)), origin, **changes)
        self.store.links.save(self.lease, link)

    def collect(self) -> Collaboration:
        return collect(self.store, [RULES], window=WEEK, now=NOW)

    def task(self) -> Task:
        (found,) = self.collect().tasks
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store, store.lease(PAIR, "run") as lease:
        yield World(store, lease)


def test_a_linked_pair_is_one_task_with_two_places(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(RIGHT, item(71, key="acme/pay#1"))
    world.link(1, 71)
    assert [place.key for place in world.task().places] == ["PAY-1", "acme/pay#1"]


def test_a_task_that_moved_on_counts_in_the_pair_where_it_is_now(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(RIGHT, item(71, key="acme/pay#1"))
    world.link(1, 71, state=LinkState.RETIRED, reason=LinkReason(Because.MOVED_ON, "PAY-1", LEFT, "acme/web#1"))
    assert world.collect().tasks == ()


def test_a_task_on_one_side_only_is_a_task(world: World) -> None:
    world.show(RIGHT, item(71, key="acme/pay#1"))
    assert world.task().origin is RIGHT


def test_owners_of_both_sides_are_united_by_the_people_map(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.ASSIGNEES: ("lin.mei",)}))
    world.show(RIGHT, item(71, fields={Field.ASSIGNEES: ("linmei-dev", "tom")}))
    world.link(1, 71)
    names = {person.id: person.name for person in world.collect().people}
    assert [names[owner] for owner in world.task().owners] == ["Lin Mei", "tom"]


def test_a_label_that_shows_a_status_makes_an_open_issue_work_in_progress(world: World) -> None:
    github_open = Status("open", Category.TODO)
    world.show(RIGHT, item(71, fields={Field.STATUS: github_open, Field.LABELS: ("Status: Doing",)}))
    assert world.task().standing is Standing.DOING


@pytest.mark.parametrize(
    "status", [Status("closed", Category.DONE, "not_planned"), Status("Won't Do", Category.DONE, None),
               Status("Done", Category.DONE, "Duplicate")],
)  # fmt: skip
def test_closed_without_being_done_is_cancelled(world: World, status: Status) -> None:
    world.show(LEFT, item(1, fields={Field.STATUS: status}))
    assert world.task().standing is Standing.CANCELLED


def test_an_epic_is_a_goal_and_its_children_belong_to_it(world: World) -> None:
    epic = item(1, fields={Field.TITLE: "Launch", Field.TYPE: "Epic", Field.DUE: date(2026, 11, 30)})
    child = item(2, fields={Field.PARENT: "1"})
    grandchild = item(3, fields={Field.PARENT: "2"})
    world.show(LEFT, epic, child, grandchild)
    found = world.collect()
    assert [(goal.kind, goal.title, goal.due) for goal in found.goals] == [
        (GoalKind.EPIC, "Launch", date(2026, 11, 30))
    ]
    assert [task.goals for task in found.tasks] == [(found.goals[0].id,)] * 2


def test_a_ring_of_parents_is_not_followed_for_ever(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.PARENT: "2"}), item(2, fields={Field.PARENT: "1"}))
    assert [task.goals for task in world.collect().tasks] == [(), ()]


def test_what_a_task_refers_to_may_be_read_after_it(world: World) -> None:
    waiting = {Field.PARENT: "2", Field.BLOCKED_BY: ("4",)}
    below = item(1, created=at(2), fields={Field.PARENT: None, Field.BLOCKED_BY: ()})
    between = item(2, created=at(3), fields={Field.PARENT: "3"})
    epic = item(3, created=at(4), fields={Field.TITLE: "Launch", Field.TYPE: "Epic"})
    world.show(LEFT, below, between, epic, item(4, created=at(5)))
    world.show(LEFT, replace(below, updated=at(6), version=Version("2"), showing={**below.showing, **waiting}))
    found = world.collect()
    first, second, blocker = found.tasks
    assert first.goals == second.goals == (found.goals[0].id,)
    assert [one.goals for one in first.memberships] == [(), first.goals]
    assert first.waits_for == (blocker.id,)
    assert [(one.blocker, one.start) for one in first.blockages] == [(blocker.id, at(6))]


def test_it_does_not_matter_how_many_items_are_read_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    milestone = item(9, kind=Kind.MILESTONE, fields={Field.TITLE: "1.0"})
    tasks = [
        item(number, created=at(10 - number), fields={Field.PARENT: str(number % 3 + 1), Field.MILESTONES: ("9",)},
             facts=Facts(rank=f"0|{number:03}", iteration="Sprint 1"))
        for number in range(1, 8)
    ]  # fmt: skip
    world.show(LEFT, milestone, *tasks)
    world.show(RIGHT, item(71, fields={Field.BLOCKED_BY: ("72",)}), item(72))
    world.link(1, 71)
    world.show(LEFT, *(replace(one, updated=at(12), showing={**one.showing, Field.STATUS: DOING}) for one in tasks[2:]))
    whole = world.collect()
    monkeypatch.setattr("syncer.report.gather.collect.PAGE", 1)
    assert world.collect() == whole
    assert [task.rank for task in whole.tasks if "/left/" in task.id] == [0, *range(6, 0, -1)]


def test_a_label_can_show_an_epic_where_the_rules_say_so(world: World) -> None:
    world.show(RIGHT, item(71, fields={Field.LABELS: ("epic",)}))
    assert [goal.kind for goal in world.collect().goals] == [GoalKind.EPIC]


def test_a_linked_milestone_is_one_goal_for_tasks_of_either_side(world: World) -> None:
    world.show(
        LEFT, item(9, kind=Kind.MILESTONE, fields={Field.TITLE: "1.0"}), item(1, fields={Field.MILESTONES: ("9",)})
    )
    world.show(
        RIGHT, item(99, kind=Kind.MILESTONE, fields={Field.TITLE: "1.0"}), item(71, fields={Field.MILESTONES: ("99",)})
    )
    world.link(9, 99, kind=Kind.MILESTONE)
    found = world.collect()
    assert len(found.goals) == 1
    assert [task.goals for task in found.tasks] == [(found.goals[0].id,)] * 2


def test_finished_is_when_a_person_did_it_and_not_when_we_repeated_it(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(RIGHT, item(71))
    world.link(1, 71)
    world.show(LEFT, item(1, updated=at(17), fields={Field.STATUS: DONE}, facts=Facts(closed=at(17))))
    world.show(RIGHT, item(71, updated=at(19), fields={Field.STATUS: DONE}, facts=Facts(closed=at(19))), operation="op")
    assert world.task().finished == at(17)


def test_a_task_closed_before_the_first_reading_was_finished_when_it_was_closed(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.STATUS: DONE}, facts=Facts(closed=at(5))))
    world.show(RIGHT, item(71, created=at(20)), operation="create")
    world.link(1, 71)
    world.show(RIGHT, item(71, created=at(20), updated=at(20, 11), fields={Field.STATUS: DONE}), operation="close")
    task = world.task()
    assert task.finished == at(5)
    assert [task.standing_at(moment) for moment in (at(3), at(6))] == [Standing.TODO, Standing.DONE]


def test_a_reopened_task_is_open_and_was_done_in_between(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(LEFT, item(1, updated=at(10), fields={Field.STATUS: DONE}, facts=Facts(closed=at(10))))
    world.show(LEFT, item(1, updated=at(17), fields={Field.STATUS: DOING}))
    task = world.task()
    assert task.finished is None
    assert [task.standing_at(at(day)) for day in (3, 11, 18)] == [Standing.TODO, Standing.DONE, Standing.DOING]


def test_a_task_that_has_rested_for_long_is_kept_without_its_steps_and_no_figure_changes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, long_ago, lately = Status("Waiting", Category.DOING), timedelta(days=400), timedelta(days=20)
    steps = ((30, OPEN), (20, waiting), (10, DONE))
    for days, status in steps:
        world.show(
            LEFT,
            *(
                item(
                    number, created=NOW - ago - timedelta(days=30), updated=NOW - ago - timedelta(days=days),
                    fields={Field.STATUS: status},
                )
                for number, ago in ((1, long_ago), (2, lately), (3, long_ago))
            ),
        )  # fmt: skip
    world.show(LEFT, item(3, created=NOW - long_ago - timedelta(days=30), updated=at(17), fields={Field.STATUS: DOING}))
    short = world.collect()
    monkeypatch.setattr("syncer.report.gather.collect.FIGURED_WEEKS", 1_000)
    whole = world.collect()
    assert {task.title: bool(task.visits) for task in short.tasks} == {"Task 1": False, "Task 2": True, "Task 3": True}
    assert all(task.visits and task.activity for task in whole.tasks)
    assert short.earlier_statuses == {"To Do", "Waiting", "Done"}
    assert whole.earlier_statuses == frozenset()
    for weeks in range(9):
        week = WEEK.earlier(weeks)
        assert evaluate(short, week, NOW) == evaluate(whole, week, NOW)


def test_a_blocker_is_named_by_its_key_until_it_is_done(world: World) -> None:
    waiting = item(1, fields={Field.BLOCKED_BY: ("2", "3")}, facts=Facts(open_blockers=2))
    world.show(LEFT, waiting, item(2, fields={Field.STATUS: DOING}), item(3, fields={Field.STATUS: DONE}))
    found = next(task for task in world.collect().tasks if task.title == "Task 1")
    assert [(impediment.cause, impediment.blockers) for impediment in found.impediments] == [
        (Cause.DEPENDENCY, ("PAY-2",))
    ]


def test_a_task_whose_blockers_are_all_done_is_not_blocked(world: World) -> None:
    waiting = item(1, fields={Field.BLOCKED_BY: ("3",)}, facts=Facts(open_blockers=1))
    world.show(LEFT, waiting, item(3, fields={Field.STATUS: DONE}))
    found = next(task for task in world.collect().tasks if task.title == "Task 1")
    assert found.impediments == ()


def test_a_pair_that_waits_on_both_sides_waits_once_and_for_whatever_either_side_says(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.BLOCKED_BY: ("2",)}), item(2))
    world.show(RIGHT, item(71, fields={Field.BLOCKED_BY: ("72", "73")}), item(72), item(73))
    world.link(1, 71)
    world.link(2, 72)
    found = next(task for task in world.collect().tasks if task.title == "Task 1")
    assert sorted(found.waits_for) == ["payments/left/task/2", "payments/right/task/73"]
    (impediment,) = found.impediments
    assert len(impediment.blockers) == 2


@pytest.mark.parametrize(
    ("label", "kind"), [("blocked", None), ("Blocked:External", "external"), ("blocked:_decision", "decision")]
)
def test_a_label_says_what_kind_of_impediment_there_is(world: World, label: str, kind: str | None) -> None:
    world.show(LEFT, item(1, fields={Field.LABELS: (label, "unblocked", "blocked-ish")}))
    assert [(each.cause, each.kind) for each in world.task().impediments] == [(Cause.LABEL, kind)]


def test_a_restricted_side_makes_the_whole_task_restricted(world: World) -> None:
    world.show(LEFT, item(1, audience=Audience.RESTRICTED))
    world.show(RIGHT, item(71))
    world.link(1, 71)
    assert world.task().restricted


def test_comments_count_once_and_restricted_ones_not_at_all(world: World) -> None:
    task, mirror = item(1), item(71)

    def comment(number: int, **changes: Any) -> Observed:
        return item(number, kind=Kind.COMMENT, parent=changes.pop("parent", task.ref), created=at(18), **changes)

    restricted = comment(12, audience=Audience.RESTRICTED)
    world.show(LEFT, task, comment(10), restricted)
    world.show(RIGHT, mirror, comment(80, parent=mirror.ref))
    world.link(1, 71)
    world.link(10, 80, kind=Kind.COMMENT)
    assert [comment.at for comment in world.collect().comments] == [at(18)]


def conflict(link: str, left: str, right: str, **changes: Any) -> Conflict:
    return Conflict(0, PAIR, link, Field.TITLE, left, right, "old", "old", "ask", at(19), **changes)


def test_a_conflict_waits_with_both_values_until_somebody_decides(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(RIGHT, item(71))
    world.link(1, 71)
    number = world.store.conflicts.record(world.lease, conflict("task-1", "mine", "yours\u202e"))
    (waiting,) = world.collect().conflicts
    assert (waiting.id, waiting.left, waiting.right, waiting.edited) == (number, "mine", "yours", True)
    world.store.conflicts.decide(number, "left", NOW)
    assert world.collect().conflicts == ()


def test_a_conflict_of_parents_names_them_by_their_keys(world: World) -> None:
    world.show(LEFT, item(1), item(2))
    world.show(RIGHT, item(71), item(72, audience=Audience.RESTRICTED))
    world.link(1, 71)
    row = replace(conflict("task-1", "2", "72"), field=Field.PARENT, base_left=None, base_right=None)
    world.store.conflicts.record(world.lease, row)
    (waiting,) = world.collect().conflicts
    assert (waiting.left, waiting.right, waiting.edited) == ("PAY-2", "72", False)


def test_a_conflict_of_a_restricted_comment_shows_nothing(world: World) -> None:
    task = item(1)
    secret = item(10, kind=Kind.COMMENT, parent=task.ref, audience=Audience.RESTRICTED)
    world.show(LEFT, task, secret)
    world.show(RIGHT, item(71), item(80, kind=Kind.COMMENT, parent=Ref(Kind.TASK, "71")))
    world.link(1, 71)
    world.link(10, 80, kind=Kind.COMMENT)
    world.store.conflicts.record(world.lease, conflict("comment-10", "secret words", "other"))
    (waiting,) = world.collect().conflicts
    assert (waiting.restricted, waiting.left, waiting.right, waiting.title, waiting.places) == (True, "", "", "", ())


def test_a_held_link_is_listed_with_its_reason(world: World) -> None:
    world.show(LEFT, item(1))
    world.show(RIGHT, item(71))
    world.link(1, 71, state=LinkState.HELD, reason=LinkReason(Because.OTHER, detail="the text is too long"))
    assert [(held.title, held.reason) for held in world.collect().held] == [("Task 1", "the text is too long")]


def test_what_is_paused_or_was_set_apart_this_week_is_listed_with_who_and_when(world: World) -> None:
    world.show(LEFT, item(1), item(2), item(3))
    world.show(RIGHT, item(71))
    world.link(1, 71)
    paused = PausedItem(LEFT, item(1).ref, at(20, 8), "ada", "with the client", at(30, 8))
    over = PausedItem(LEFT, item(2).ref, at(18, 8), "ada", "", at(19, 8))
    world.store.paused.add(world.lease, [paused, over])
    for number, day in ((2, 20), (3, 2)):
        world.store.apart.add(world.lease, LEFT, [item(number).ref], since=at(day, 9), by="bo")
    found = world.collect().held
    assert [(held.title, held.steering) for held in found] == [
        ("Task 1", Steering(False, at(20, 8), "ada", "with the client", at(30, 8))),
        ("Task 2", Steering(True, at(20, 9), "bo")),
    ]


def test_titles_lose_what_would_disturb_a_page(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.TITLE: "\u202eevil\u0007\n  two\ud83d lines"}))
    assert world.task().title == "evil two� lines"


def test_a_jira_version_without_dates_has_no_start(world: World) -> None:
    nothing_known = datetime(1970, 1, 1, tzinfo=UTC)
    world.show(LEFT, item(9, kind=Kind.MILESTONE, created=nothing_known))
    assert [goal.start for goal in world.collect().goals] == [None]


def test_a_report_can_be_made_of_a_store_in_which_nothing_is(world: World) -> None:
    report = report_of_week(world.store, [RULES], week="2026-W47", now=NOW)
    assert report.text.startswith("Data incomplete")
    assert report.evaluation.metric(TASKS_OPEN).value == 0


def test_the_week_is_the_present_one_unless_another_is_named(world: World) -> None:
    assert report_of_week(world.store, [RULES], week=None, now=NOW).evaluation.window == WEEK


def test_runs_tell_how_far_the_data_reaches(world: World) -> None:
    finished = RunRecord("run", PAIR, at(20, 8), at(20, 9), "clean", {"created": {"left": 2, "right": 1}, "held": 5})
    world.store.pairs.finish_run(world.lease, finished)
    state = SideState(None, "", None, Audience.MEMBERS, None, "https://acme.example PAY")
    world.store.pairs.set_side(world.lease, LEFT, state)
    evaluation = report_of_week(world.store, [RULES], week=None, now=NOW).evaluation
    assert evaluation.complete_to == at(20, 8)
    assert evaluation.metric(SYNC_WRITES).value == 3
    assert evaluation.pairs[0].addresses == ("https://acme.example PAY", "")


def test_stale_data_is_told_once_in_the_first_line_and_is_no_decision(world: World) -> None:
    world.store.pairs.finish_run(world.lease, RunRecord("run", PAIR, at(18), at(18), "clean", {}))
    report = report_of_week(world.store, [RULES], week=None, now=at(18) + timedelta(hours=25))
    assert report.content.completeness.endswith(f"Check that the schedule of {PAIR} runs.")
    assert report.content.notices == ()
    assert report.text.count("schedule") == 1


def test_hours_that_were_estimated_and_booked_reach_the_task(world: World) -> None:
    world.show(LEFT, item(1, facts=Facts(estimate_hours=8.0, spent_hours=6.5)), item(2))
    sizes = [(task.estimate_hours, task.spent_hours) for task in world.collect().tasks]
    assert sorted(sizes, key=str) == [(8.0, 6.5), (None, None)]


def test_the_boxes_of_an_epic_count_as_criteria_in_the_markup_of_its_side(world: World) -> None:
    body = "* ☐ one\n* ☑ two\n\n{code:goal}\ntarget: 3\n{code}"
    world.show(LEFT, item(1, fields={Field.TYPE: "Epic", Field.BODY: body}))
    markups = {PAIR: {LEFT: WikiMarkup("https://acme.example", "PAY"), RIGHT: PlainMarkup()}}
    (goal,) = collect(world.store, [RULES], window=WEEK, now=NOW, markups=markups).goals
    assert goal.criteria == (Criterion("one", False), Criterion("two", True))
    assert goal.aim == Aim(target=3.0)
    assert goal.described


def test_a_declared_field_that_means_points_goes_before_what_the_tracker_keeps(world: World) -> None:
    size = Field.declared("size")
    rules = replace(RULES, custom={size: CustomRule(means=Meaning.POINTS)})
    world.show(LEFT, item(1, facts=Facts(points=8, estimate_hours=4.0)))
    world.show(RIGHT, item(1, fields={size: 3.0}))
    world.link(1, 1)
    (task,) = collect(world.store, [rules], window=WEEK, now=NOW).tasks
    assert (task.points, task.estimate_hours) == (3.0, 4.0)
    assert world.task().points == 8


def test_hours_that_remain_are_told_by_a_declared_field_alone(world: World) -> None:
    left = Field.declared("left to do")
    rules = replace(RULES, custom={left: CustomRule(means=Meaning.REMAINING)})
    world.show(LEFT, item(1, fields={left: 2.5}))
    (task,) = collect(world.store, [rules], window=WEEK, now=NOW).tasks
    assert task.remaining_hours == 2.5
    assert world.task().remaining_hours is None
