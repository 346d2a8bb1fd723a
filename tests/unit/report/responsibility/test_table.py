"""Who is what in each scope, from which source, and each gap where it is one and where it is none."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.model import Account, Side
from syncer.contract.roster import Collaborator, ComponentLead, Group, Permission, Roster, Unread
from syncer.core.responsibility import (
    Authority,
    Declarations,
    Party,
    Profile,
    Raci,
    ResponsibilityEntry,
    Scope,
    ScopeKind,
)
from syncer.report.editions import shown_to
from syncer.report.evaluate import evaluate
from syncer.report.metrics.resources import RACI_GAPS
from syncer.report.model.claims import ClaimedRoster, ClaimSource, Source
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Person, Place, Reader
from syncer.report.model.responsibilities import Gap, GapKind, Responsibility, ResponsibilityTable
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.timeline import Standing
from syncer.report.responsibility.claims import known_roster
from syncer.report.responsibility.survey import survey
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task

PEOPLE = {name: Account(f"{name}-id", name.title()) for name in ("ann", "ben", "cat", "dan", "eva")}
PROJECT = Scope(ScopeKind.PROJECT)


def told(side: Side = Side.LEFT, since: float = 60, **parts: Any) -> ClaimedRoster:
    """What a side tells; persons are called by the first part of their account's id."""

    def known(name: str) -> str | None:
        short = name.casefold().removesuffix("-id")
        return short if short in PEOPLE else None

    return known_roster(
        "pair", side, Roster(**parts), ago(since), lambda account: account.id.removesuffix("-id"), known, frozenset()
    )


def row(scope: str, person: str, letters: str = "", **changes: Any) -> ResponsibilityEntry:
    values: dict[str, Any] = {"agreed_by": (person,), "agreed_at": date(2026, 1, 1)}
    return ResponsibilityEntry(Scope.parse(scope), person, tuple(map(Raci, letters)), "r.toml:9", **(values | changes))


def whole(*rosters: ClaimedRoster, rows: tuple[ResponsibilityEntry, ...] = (), **parts: Any) -> Collaboration:
    people = tuple(Person(name, name.title()) for name in PEOPLE)
    declared = parts.pop("declared", Declarations((), rows, "r.toml"))
    values: dict[str, Any] = {"goals": (), "tasks": ()}
    return Collaboration("Made up", (PAIR,), people, rosters=rosters, declared=declared, **(values | parts))


def surveyed(*rosters: ClaimedRoster, **parts: Any) -> ResponsibilityTable:
    return survey(whole(*rosters, **parts), snapshot_at(whole(*rosters, **parts), WEEK, NOW))


def found(table: ResponsibilityTable, person: str, scope: Scope = PROJECT) -> Responsibility:
    return next(one for one in table.rows if one.person == person.title() and one.scope == scope)


def letters(table: ResponsibilityTable, scope: Scope = PROJECT) -> dict[str, str]:
    """`{"Ann": "A"}` in a scope."""
    return {
        one.person: "".join(told.value for told in one.letters)
        for one in table.rows
        if one.scope == scope and one.letters
    }


def kinds(table: ResponsibilityTable) -> set[GapKind]:
    return {gap.kind for gap in table.gaps}


def gap(table: ResponsibilityTable, kind: GapKind) -> Gap:
    (one,) = [gap for gap in table.gaps if gap.kind is kind]
    return one


LEDGER = Scope(ScopeKind.COMPONENT, "Ledger")
LEAD = told(lead=PEOPLE["ann"], components=(ComponentLead("Ledger", PEOPLE["ben"]),))


# --- who is what


def test_leads_answer_and_who_owns_open_tasks_does_the_work() -> None:
    table = surveyed(LEAD, tasks=(task(1, owners=("cat",), components=("Ledger",)), task(2, owners=("dan",))))
    assert letters(table) == {"Ann": "A", "Cat": "R", "Dan": "R"}
    assert letters(table, LEDGER) == {"Ben": "A", "Cat": "R"}
    grounds = {(one.value, one.ground.origin, one.ground.source) for one in found(table, "cat", LEDGER).letters}
    assert grounds == {("R", ClaimSource.INFERRED, Source.OPEN_TASKS)}
    assert found(table, "ben", LEDGER).letters[0].ground.origin is ClaimSource.DERIVED


def test_what_is_written_down_goes_before_what_a_tracker_says() -> None:
    rows = (row("component: ledger", "eva", "A"), row("component: ledger", "dan", "R", duties=("books",)))
    table = surveyed(LEAD, rows=rows, tasks=(task(1, owners=("cat",), components=("Ledger",)),))
    assert letters(table, LEDGER) == {"Eva": "A", "Dan": "R"}
    (written,) = found(table, "eva", LEDGER).letters
    assert (written.ground.origin, written.ground.detail) == (ClaimSource.DECLARED, "r.toml:9")
    assert found(table, "dan", LEDGER).duties == ("books",)
    assert letters(table)["Ann"] == "A"


def test_a_row_counts_only_while_it_is_valid() -> None:
    rows = (row("project", "eva", "A", valid_from=WEEK.first_day + timedelta(days=7)),)
    assert letters(surveyed(LEAD, rows=rows)) == {"Ann": "A"}


def test_roles_and_permissions_say_what_somebody_is_and_may_do() -> None:
    members = {
        "Administrators": "ann",
        "Customers": "eva",
        "Reviewers": "ben",
        "atlassian-addons-project-access": "cat",
    }
    roles = told(roles=tuple(Group(name, (PEOPLE[who],)) for name, who in members.items()))
    right = told(Side.RIGHT, collaborators=(Collaborator(PEOPLE["ben"], Permission.WRITE),))
    table = surveyed(roles, right)
    assert {one.person: one.role.value for one in table.rows if one.role} == {
        "Ann": "project-manager", "Eva": "client", "Ben": "Reviewers",
    }  # fmt: skip
    assert letters(table) == {"Eva": "CI"}
    ben = found(table, "ben")
    assert ben.role is not None
    assert (ben.role.ground.origin, ben.role.ground.source) == (ClaimSource.DERIVED, Source.PROJECT_ROLE)
    assert [one.value for one in ben.authority] == ["assign", "close", "merge"]
    assert ben.authority[0].ground.detail == "write"


def test_code_owners_do_the_work_under_their_paths_and_a_team_stands_for_its_members() -> None:
    text = "* @ann-id\n/docs/ @acme/writers\n/vendor/\n/db/ @stranger\n"
    right = told(
        Side.RIGHT, code_owners=text, code_owners_path="CODEOWNERS",
        collaborators=(Collaborator(PEOPLE["ann"], Permission.WRITE),),
        teams=(Group("acme/writers", (PEOPLE["cat"], PEOPLE["dan"])),),
    )  # fmt: skip
    table = surveyed(LEAD, right)
    assert letters(table, Scope(ScopeKind.PATH, "/docs/")) == {"Ann": "A", "Cat": "R", "Dan": "R"}
    assert letters(table, Scope(ScopeKind.PATH, "/vendor/")) == {}
    assert gap(table, GapKind.UNKNOWN_PERSON).detail == "CODEOWNERS:4"
    cat = next(one for one in table.rows if one.person == "Cat" and one.scope.kind is ScopeKind.PATH)
    assert cat.letters[0].ground.detail == "CODEOWNERS:2"


def test_the_account_that_reads_and_bots_are_nobody() -> None:
    bot = Account("ci", "CI", bot=True)
    granted = tuple(Collaborator(who, Permission.ADMIN) for who in (bot, PEOPLE["dan"]))
    side = told(reader=PEOPLE["dan"], collaborators=granted)
    assert surveyed(side).rows == ()


def test_what_was_known_then_counts_for_then() -> None:
    before, after = told(since=60, lead=PEOPLE["ann"]), told(since=1, lead=PEOPLE["ben"])
    whole_time = whole(before, after)
    then = survey(whole_time, snapshot_at(whole_time, WEEK.earlier(1), WEEK.earlier(1).end))
    assert letters(then) == {"Ann": "A"}
    assert letters(survey(whole_time, snapshot_at(whole_time, WEEK, NOW))) == {"Ben": "A"}


def test_the_goals_owner_answers_for_it_and_the_project_for_milestones() -> None:
    goals = (
        Goal("g1", "pair", GoalKind.EPIC, "Launch", (), ("cat",)),
        Goal("g2", "pair", GoalKind.MILESTONE, "v1", ()),
        Goal("g3", "pair", GoalKind.EPIC, "Secret", (), restricted=True),
        Goal("g4", "pair", GoalKind.EPIC, "Old", (), closed=True),
    )
    table = surveyed(LEAD, goals=goals)
    assert letters(table, Scope(ScopeKind.GOAL, "Launch")) == {"Cat": "A"}
    assert letters(table, Scope(ScopeKind.GOAL, "v1")) == {"Ann": "A"}
    assert {one.scope.name for one in table.rows if one.scope.kind is ScopeKind.GOAL} == {"Launch", "v1"}


def test_a_task_is_answered_for_by_its_component_else_its_goal_else_the_project() -> None:
    goal = Goal("g", "pair", GoalKind.EPIC, "Launch", (), ("eva",))
    tasks = (
        task(1, owners=("cat",), components=("Ledger",), goals=("g",)),
        task(2, owners=("cat",), goals=("g",)),
        task(3, owners=()),
        task(4, owners=("cat",), restricted=True),
    )
    everything = whole(LEAD, tasks=tasks, goals=(goal,))
    table = survey(everything, snapshot_at(everything, WEEK, NOW), tasks=True)
    shown = {
        scope.name: letters(table, scope) for scope in {one.scope for one in table.rows} if scope.kind is ScopeKind.TASK
    }
    assert shown == {"T-1": {"Ben": "A", "Cat": "R"}, "T-2": {"Eva": "A", "Cat": "R"}, "T-3": {"Ann": "A"}}
    assert not [one for one in surveyed(LEAD, tasks=tasks).rows if one.scope.kind is ScopeKind.TASK]


def test_a_task_that_is_written_down_has_its_owner_beside() -> None:
    table = surveyed(LEAD, tasks=(task(1, owners=("cat",)),), rows=(row("task: t-1", "eva", "A"),))
    assert letters(table, Scope(ScopeKind.TASK, "T-1")) == {"Eva": "A", "Cat": "R"}


# --- what is missing


def test_when_everything_is_settled_there_is_no_gap() -> None:
    table = surveyed(LEAD, tasks=(task(1, owners=("cat",), components=("Ledger",)),))
    assert table.gaps == ()


NOBODYS = Goal("g", "pair", GoalKind.EPIC, "Launch", ())


def test_nobody_answers() -> None:
    side = told(lead=PEOPLE["ann"])
    one = gap(surveyed(side, goals=(NOBODYS,)), GapKind.NO_ACCOUNTABLE)
    assert one.scope == Scope(ScopeKind.GOAL, "Launch")
    assert one.fix == ("[[responsibilities]]", 'scope = "goal: Launch"', 'person = "Ann"', 'raci = "A"')


def test_who_answers_for_the_project_answers_for_a_component_that_names_nobody() -> None:
    side = told(lead=PEOPLE["ann"], components=(ComponentLead("Ledger"),))
    table = surveyed(side, tasks=(task(1, owners=("cat",), components=("Checkout",)),))
    assert GapKind.NO_ACCOUNTABLE not in kinds(table)
    for scope in (LEDGER, Scope(ScopeKind.COMPONENT, "Checkout")):
        (answering,) = [known for known in found(table, "ann", scope).letters if known.value == "A"]
        assert (answering.ground.origin, answering.ground.source) == (ClaimSource.INFERRED, Source.SCOPE_ABOVE)
    assert letters(surveyed(LEAD), LEDGER) == {"Ben": "A"}  # the tracker names somebody


def test_where_nobody_answers_for_the_project_it_is_said_once_and_not_of_each_component() -> None:
    side = told(components=(ComponentLead("Ledger"), ComponentLead("Checkout")))
    assert gap(surveyed(side), GapKind.NO_ACCOUNTABLE).scope == PROJECT


def test_before_anybody_was_read_nothing_is_said_of_the_project() -> None:
    assert surveyed(tasks=(task(1),)).gaps == ()


def test_the_line_of_a_gap_closes_it() -> None:
    side = told(lead=PEOPLE["ann"])
    rows = (row("goal: Launch", "ann", "A"),)
    assert GapKind.NO_ACCOUNTABLE not in kinds(surveyed(side, rows=rows, goals=(NOBODYS,)))


def test_two_answer() -> None:
    goal = Goal("g", "pair", GoalKind.EPIC, "Launch", (), ("cat", "dan"))
    one = gap(surveyed(LEAD, goals=(goal,)), GapKind.TWO_ACCOUNTABLE)
    assert one.people == ("Cat", "Dan")
    settled = (row("goal: launch", "cat", "A"),)
    assert GapKind.TWO_ACCOUNTABLE not in kinds(surveyed(LEAD, goals=(goal,), rows=settled))
    both = (*settled, row("goal: launch", "eva", "A"))
    assert gap(surveyed(LEAD, goals=(goal,), rows=both), GapKind.TWO_ACCOUNTABLE).people == ("Cat", "Eva")


def test_nobody_does_it() -> None:
    nobodys = (task(1, (3, Standing.DOING), owners=(), components=("Ledger",)), task(2, owners=("cat",)))
    table = surveyed(LEAD, tasks=nobodys)
    scopes = {one.scope: one for one in table.gaps if one.kind is GapKind.NOBODY_RESPONSIBLE}
    assert set(scopes) == {LEDGER, Scope(ScopeKind.TASK)}
    assert scopes[Scope(ScopeKind.TASK)].places == (Place(Side.LEFT, "T-1", ""),)
    later = surveyed(LEAD, tasks=(task(1, owners=()), task(2, owners=("cat",))))
    assert GapKind.NOBODY_RESPONSIBLE not in kinds(later)  # neither under way nor promised


def test_one_person_is_everything() -> None:
    side = told(lead=PEOPLE["ann"], components=tuple(ComponentLead(name, PEOPLE["ann"]) for name in ("X", "Y")))
    alone = (task(1, owners=("ann",), components=("X", "Y")),)
    assert gap(surveyed(side, tasks=alone), GapKind.ALL_IN_ONE_HAND).people == ("Ann",)
    helped = (*alone, task(2, owners=("ben",), components=("X",)))
    assert GapKind.ALL_IN_ONE_HAND not in kinds(surveyed(side, tasks=helped))


def test_authority_without_duty() -> None:
    rows = (row("project", "eva", authority=(Authority.DECIDE_DATE,)),)
    assert gap(surveyed(LEAD, rows=rows), GapKind.AUTHORITY_WITHOUT_DUTY).people == ("Eva",)
    with_duty = (replace(rows[0], duties=("plans",)),)
    assert GapKind.AUTHORITY_WITHOUT_DUTY not in kinds(surveyed(LEAD, rows=with_duty))
    admin = told(Side.RIGHT, collaborators=(Collaborator(PEOPLE["dan"], Permission.ADMIN),))
    assert gap(surveyed(LEAD, admin), GapKind.AUTHORITY_WITHOUT_DUTY).people == ("Dan",)
    working = surveyed(LEAD, admin, tasks=(task(1, owners=("dan",)),))
    assert GapKind.AUTHORITY_WITHOUT_DUTY not in kinds(working)


@pytest.mark.parametrize(
    ("permission", "written", "clashes"),
    [
        (Permission.WRITE, row("project", "eva", "CI", role="client"), True),
        (Permission.READ, row("project", "eva", "CI", role="client"), False),
        (Permission.READ, row("component: ledger", "eva", "R", authority=(Authority.MERGE,)), True),
        (Permission.TRIAGE, row("component: ledger", "eva", "R", authority=(Authority.MERGE,)), True),
        (Permission.TRIAGE, row("component: ledger", "eva", "R", authority=(Authority.CLOSE,)), False),
        (Permission.WRITE, row("component: ledger", "eva", "R", authority=(Authority.MERGE,)), False),
        (Permission.READ, row("component: ledger", "eva", "R", authority=(Authority.DECIDE_DATE,)), False),
    ],
)
def test_a_permission_that_contradicts_the_part(
    permission: Permission, written: ResponsibilityEntry, clashes: bool
) -> None:
    side = told(Side.RIGHT, collaborators=(Collaborator(PEOPLE["eva"], permission),))
    assert (GapKind.PERMISSION_AGAINST_ROLE in kinds(surveyed(LEAD, side, rows=(written,)))) is clashes


def test_nothing_is_said_of_permissions_that_could_not_be_read() -> None:
    side = told(Side.RIGHT, unread=(Unread("collaborators", "needs administration"),))
    table = surveyed(LEAD, side, rows=(row("project", "eva", "R", authority=(Authority.MERGE,)),))
    assert GapKind.PERMISSION_AGAINST_ROLE not in kinds(table)
    assert [(one.part, one.reason) for one in table.unread] == [("collaborators", "needs administration")]


def test_what_is_written_must_be_agreed_and_name_what_there_is() -> None:
    rows = (
        row("project", "eva", "C", agreed_by=(), agreed_at=None),
        row("component: lodger", "ben", "A"),
        row("project", "nobody", "I"),
    )
    table = surveyed(LEAD, rows=rows)
    assert gap(table, GapKind.NOT_AGREED).people == ("Eva",)
    assert gap(table, GapKind.NOT_AGREED).fix[0] == 'agreed-by = ["Eva"]'
    assert gap(table, GapKind.UNKNOWN_SCOPE).scope.name == "lodger"
    assert gap(table, GapKind.UNKNOWN_PERSON).people == ("nobody",)


def test_a_client_without_a_part() -> None:
    people = (Profile("eva", Party.CLIENT),)
    alone = surveyed(LEAD, declared=Declarations(people, (), "r.toml"))
    assert gap(alone, GapKind.CLIENT_MISSING).people == ("Eva",)
    rows = (row("project", "eva", "CI"),)
    assert GapKind.CLIENT_MISSING not in kinds(surveyed(LEAD, declared=Declarations(people, rows, "r.toml")))


def test_the_figure_counts_gaps_and_tasks_of_nobody() -> None:
    side = told(lead=PEOPLE["ann"], components=(ComponentLead("Ledger"),))
    nobodys = tuple(task(number, owners=(), due=date(2026, 12, 1)) for number in range(3))
    metric = evaluate(whole(side, tasks=(*nobodys, task(9, owners=("ben",)))), WEEK, NOW).metric(RACI_GAPS)
    assert (metric.value, metric.n) == (3, 2)


# --- what must not matter


@given(st.permutations(range(4)))
def test_the_order_of_rows_and_sides_changes_nothing(order: list[int]) -> None:
    rows = [row("project", "ann", "A"), row("component: ledger", "ben", "AR"), row("component: ledger", "cat", "C"),
            row("project", "eva", "CI", role="client")]  # fmt: skip
    right = told(Side.RIGHT, collaborators=(Collaborator(PEOPLE["ben"], Permission.WRITE),))
    assert surveyed(right, LEAD, rows=tuple(rows[number] for number in order)) == surveyed(
        LEAD, right, rows=tuple(rows)
    )


# --- who sees it


def test_a_client_sees_what_is_written_down_and_no_gaps() -> None:
    admin = told(Side.RIGHT, collaborators=(Collaborator(PEOPLE["dan"], Permission.ADMIN),))
    rows = (row("project", "eva", "CI", role="client"), row("component: ledger", "ben", "R"))
    everything = evaluate(whole(LEAD, admin, rows=rows), WEEK, NOW)
    assert everything.responsibilities.gaps
    shown = shown_to(everything, Reader.CLIENT).responsibilities
    assert [(one.person, one.scope) for one in shown.rows] == [("Eva", PROJECT)]
    assert (shown.gaps, shown.unread) == ((), ())
