"""The maps and people that are proposed to somebody who begins."""

from __future__ import annotations

from syncer.contract.beginning import Discovery, FoundPerson
from syncer.contract.model import Category, Status
from syncer.core.beginning import named_alike, people, statuses

WORKFLOW = (
    Status("Backlog", Category.TODO), Status("To Do", Category.TODO), Status("In Progress", Category.DOING),
    Status("Done", Category.DONE), Status("Cancelled", Category.DONE), Status("Duplicate", Category.DONE),
)  # fmt: skip
TWO = (
    Status("open", Category.TODO), Status("closed", Category.DONE, "completed"),
    Status("closed", Category.DONE, "not_planned"), Status("closed", Category.DONE, "duplicate"),
)  # fmt: skip
ROWS = [
    ("Backlog", "open"), ("To Do", "open", "status: to do"), ("In Progress", "open", "status: in progress"),
    ("Done", "closed:completed"), ("Cancelled", "closed:not_planned"), ("Duplicate", "closed:duplicate"),
]  # fmt: skip


def test_each_status_of_the_richer_side_gets_what_it_means_on_the_other() -> None:
    assert statuses(WORKFLOW, TWO) == ROWS


def test_with_the_richer_side_on_the_right_the_label_stands_in_the_cell() -> None:
    turned = statuses(TWO, WORKFLOW)
    assert turned[:2] == [("open", "Backlog"), ("open + label:status: to do", "To Do")]
    assert turned[-1] == ("closed:duplicate", "Duplicate")


def test_two_workflows_meet_by_name_and_then_by_category() -> None:
    other = (Status("Open", Category.TODO), Status("In Progress", Category.DOING), Status("Closed", Category.DONE))
    assert statuses(WORKFLOW, other) == [
        ("Backlog", "Open"), ("To Do", "Open", "status: to do"), ("In Progress", "In Progress"), ("Done", "Closed"),
        ("Cancelled", "Closed"), ("Duplicate", "Closed"),
    ]  # fmt: skip


def test_a_chinese_workflow_ends_where_it_should() -> None:
    flow = (Status("待办", Category.TODO), Status("完成", Category.DONE), Status("已取消", Category.DONE))
    assert statuses(flow, TWO) == [("待办", "open"), ("完成", "closed:completed"), ("已取消", "closed:not_planned")]


def test_priorities_and_types_meet_by_name_or_by_a_label() -> None:
    assert named_alike(("High", "Low"), (), (), ("priority: high", "Bug", "low"), "priority") == [
        ("High", "label:priority: high"), ("Low", "label:low"),
    ]  # fmt: skip
    assert named_alike((), ("Bug", "Task"), ("bug",), (), "type") == [("label:bug", "Bug")]
    assert named_alike(("Bug", "Story"), ("bug", "Task"), (), (), "type") == [("Bug", "bug")]
    assert named_alike((), (), (), ("bug",), "type") == []


def test_people_are_found_by_mail_name_and_login_and_nobody_twice() -> None:
    left = (
        FoundPerson("5b1", "Li Wei", "li@acme.example"), FoundPerson("5b2", "Mia Braun"),
        FoundPerson("5b3", "Jonas Roth"),
        FoundPerson("5b4", "Jan Both"), FoundPerson("5b5", "Jan Both"), FoundPerson("5b6", "Nobody Else"),
    )  # fmt: skip
    right = (
        FoundPerson("weili", "Wei Li", "LI@acme.example"), FoundPerson("miab", "Braun, Mia"), FoundPerson("jonas-roth"),
        FoundPerson("janboth", "Jan Both"), FoundPerson("liwei"),
    )  # fmt: skip
    found = people(Discovery(people=left), Discovery(people=right))
    assert [(one.name, one.left, one.right, one.why) for one in found] == [
        ("Jonas Roth", "5b3", "jonas-roth", "login"),
        ("Li Wei", "5b1", "weili", "mail"),
        ("Mia Braun", "5b2", "miab", "name"),
    ]
