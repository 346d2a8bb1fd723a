"""From a real store to the table: the people map joins both trackers and the file, and linking changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.contract.model import Account, Field
from syncer.contract.roster import Collaborator, ComponentLead, Permission, Roster, Unread
from syncer.core.responsibility import Declarations, Profile, Raci, ResponsibilityEntry, Scope
from syncer.report import responsibility_table
from syncer.report.gather.collect import collect
from syncer.report.model.claims import Source
from syncer.report.model.responsibilities import GapKind, ResponsibilityTable
from syncer.store import Store
from tests.unit.report.test_collect import LEFT, NOW, PAIR, RIGHT, RULES, WEEK, World, at, item

LEAD = Account("lin.mei", "Lin M.")
TOM = Account("tom", "Tom Becker")
JIRA = Roster(lead=LEAD, components=(ComponentLead("Ledger"),))
GITHUB = Roster(
    collaborators=(Collaborator(Account("linmei-dev"), Permission.ADMIN), Collaborator(TOM, Permission.READ)),
    code_owners="* @LinMei-dev\n/docs/ @tom\n", code_owners_path="CODEOWNERS",
    unread=(Unread("teams", "members cannot be read"),),
)  # fmt: skip
ROWS = (
    ResponsibilityEntry(Scope.parse("component: ledger"), "Tom Becker", (Raci.ACCOUNTABLE,), "r.toml:5"),
    ResponsibilityEntry(Scope.parse("project"), "Nobody Known", (Raci.INFORMED,), "r.toml:9"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store, store.lease(PAIR, "run") as lease:
        yield World(store, lease)


def read(world: World) -> None:
    world.store.rosters.add(world.lease, LEFT, JIRA, at(3))
    world.store.rosters.add(world.lease, RIGHT, GITHUB, at(3))


def table(world: World, rows: tuple[ResponsibilityEntry, ...] = ROWS) -> ResponsibilityTable:
    return responsibility_table(world.store, [RULES], window=WEEK, now=NOW, declared=Declarations((), rows, "r.toml"))


def told(found: ResponsibilityTable) -> set[tuple[str, str, str, str]]:
    return {
        (str(row.scope), row.person, one.value, one.ground.source.value)
        for row in found.rows
        for one in (*row.letters, *row.authority)
    }


def test_both_trackers_and_the_file_speak_of_the_same_people(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.ASSIGNEES: ("lin.mei",), Field.COMPONENTS: ("Ledger",)}))
    read(world)
    found = told(table(world))
    assert ("project", "Lin Mei", "A", Source.PROJECT_LEAD) in found
    assert ("project", "Lin Mei", "merge", Source.PERMISSION) in found
    assert ("component: Ledger", "Lin Mei", "R", Source.OPEN_TASKS) in found
    assert ("component: Ledger", "Tom Becker", "A", Source.FILE) in found  # named as GitHub shows him
    assert ("path: *", "Lin Mei", "R", Source.CODE_OWNERS) in found  # GitHub does not look at case
    assert ("path: /docs/", "Tom Becker", "R", Source.CODE_OWNERS) in found
    assert [part.part for part in table(world).unread] == ["teams"]


def test_a_component_shown_by_a_label_is_the_same(world: World) -> None:
    world.show(RIGHT, item(71, fields={Field.ASSIGNEES: ("tom",), Field.LABELS: ("component: Ledger",)}))
    read(world)
    assert ("component: Ledger", "tom", "R", Source.OPEN_TASKS) in {
        (scope, who.split()[0].casefold(), letter, source) for scope, who, letter, source in told(table(world))
    }


def test_linking_changes_nothing(world: World) -> None:
    fields = {Field.ASSIGNEES: ("lin.mei",), Field.COMPONENTS: ("Ledger",)}
    world.show(LEFT, item(1, fields=fields))
    read(world)
    before = table(world)
    world.show(RIGHT, item(71, fields={Field.ASSIGNEES: ("linmei-dev",), Field.LABELS: ("component: ledger",)}))
    world.link(1, 71)
    assert table(world) == before


def test_a_name_nobody_has_is_a_gap_and_a_known_one_is_none(world: World) -> None:
    read(world)
    unknown = {gap.people for gap in table(world).gaps if gap.kind is GapKind.UNKNOWN_PERSON}
    assert unknown == {("Nobody Known",)}


def test_capacities_are_of_the_people_the_trackers_know(world: World) -> None:
    world.show(LEFT, item(1, fields={Field.ASSIGNEES: ("lin.mei",)}))
    declared = Declarations((Profile("linmei-dev", wip_limit=2),), (), "r.toml")
    found = collect(world.store, [RULES], window=WEEK, now=NOW, declared=declared)
    assert [profile.name for profile in found.declared.people] == list(found.tasks[0].owners) == ["Lin Mei"]
