"""Types of links between two Jiras: the usual ones, renamed ones, and those of people's own, by the map of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.contract.custom import CustomHolder
from syncer.contract.model import Field, Side
from syncer.core.change import Tally
from syncer.sandbox.jira.records import LinkType
from syncer.settings import Misconfigured
from syncer.sync.verify import verify_pair
from tests.integration.test_kinds_of_pairs import GITHUB, JIRA, JiraPeople, Site, people_of

LEFT, RIGHT = Side.LEFT, Side.RIGHT


class Linked(Site):
    """Two projects with two tasks each, `A` and `B`, which are in step."""

    def __init__(self, directory: Path, rows: str = "") -> None:
        links = f"\n[pairs.links]\nmap = {rows}\n" if rows else ""
        super().__init__(directory, JIRA["PAY"], JIRA["OPS"] + links)
        self.box.jira.link_types += [
            LinkType("20001", "Causes", "is caused by", "causes"),
            LinkType("20002", "Incident", "comes from", "leads to"),
            LinkType("20003", "Siblings", "is a sibling of", "is a sibling of"),
            LinkType("20004", "Verwandt", "ist verwandt mit", "ist verwandt mit"),
        ]

    def begin(self) -> None:
        for title in "AB":
            self.people(LEFT).create(title)
        self.sync()

    def people(self, side: Side) -> JiraPeople:
        people = people_of(self, JIRA["PAY"] if side is LEFT else JIRA["OPS"])
        assert isinstance(people, JiraPeople)
        return people

    def key(self, side: Side, title: str) -> str:
        (key,) = [one.key for one in self.people(side)._issues() if one.content["summary"] == title]
        return str(key)

    def tie(self, side: Side, kind: str, doer: str, other: str) -> None:
        """A person links two tasks: `doer` does to `other` what the type says."""
        ends = {"inwardIssue": {"key": self.key(side, doer)}, "outwardIssue": {"key": self.key(side, other)}}
        self.people(side).ask("POST", "/issueLink", {"type": {"name": kind}, **ends})

    def untie(self, side: Side) -> None:
        here = {one.id for one in self.people(side)._issues()}
        for link in [one for one in self.box.jira.links.values() if one.source in here]:
            self.people(side).ask("DELETE", f"/issueLink/{link.id}")

    def links(self, side: Side) -> list[tuple[str, str, str]]:
        """Who does what to whom on a side; what reads the same from both ends, in the order of their titles."""
        titles = {one.id: str(one.content["summary"]) for one in self.people(side)._issues()}
        found = []
        for one in [link for link in self.box.jira.links.values() if link.source in titles]:
            ends = [titles[one.source], titles[one.target]]
            doer, other = sorted(ends) if one.kind.inward == one.kind.outward else ends
            found.append((doer, one.kind.name, other))
        return sorted(found)

    def settled(self) -> Tally:
        """The last of two runs: whatever there is to do was done by the first."""
        self.sync()
        tally = self.sync()
        assert (tally.outcome, tally.writes) == ("clean", 0)
        return tally


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Linked]:
    rows = getattr(request, "param", "")
    site = Linked(tmp_path, rows)
    with site.box:
        site.begin()
        yield site


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", ["Blocks", "Relates", "Duplicate", "Cloners"])
def test_a_usual_link_is_carried_and_taken_away(site: Linked, side: Side, kind: str) -> None:
    site.tie(side, kind, "A", "B")
    site.settled()
    assert site.links(LEFT) == site.links(RIGHT) == [("A", kind, "B")]
    site.untie(side)
    site.settled()
    assert site.links(LEFT) == site.links(RIGHT) == []


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("site", "left", "right"),
    [
        ('[["Causes", "Incident"]]', "Causes", "Incident"),
        ('[["Causes", "Causes"]]', "Causes", "Causes"),
        ('[["Siblings", "Siblings"]]', "Siblings", "Siblings"),
        ('[["Verwandt", "Relates"]]', "Verwandt", "Relates"),
        ('[["Relates", "Verwandt"]]', "Relates", "Verwandt"),
        ('[["Causes", "Duplicate"]]', "Causes", "Duplicate"),
    ],
    indirect=["site"],
)
def test_a_row_of_the_map_carries_a_type_both_ways(site: Linked, side: Side, left: str, right: str) -> None:
    kinds = {LEFT: left, RIGHT: right}
    site.tie(side, kinds[side], "A", "B")
    site.settled()
    assert len(site.links(LEFT)) == len(site.links(RIGHT)) == 1
    for each in Side:
        ((one, kind, other),) = site.links(each)
        assert kind == kinds[each]
        assert {one, other} == {"A", "B"}
        if left not in {"Siblings", "Verwandt", "Relates"}:
            assert one == "A"
    site.untie(side.other)
    site.settled()
    assert site.links(LEFT) == site.links(RIGHT) == []


@pytest.mark.parametrize("site", ['[["Causes", "Incident"]]'], indirect=True)
def test_a_link_that_waits_for_its_other_end_follows_it(site: Linked) -> None:
    site.people(LEFT).create("C")
    site.tie(LEFT, "Causes", "C", "A")
    site.settled()
    assert site.links(RIGHT) == [("C", "Incident", "A")]


@pytest.mark.parametrize("site", ['[["Causes", "Nowhere"]]', '[["Causes", "Siblings"]]'], indirect=True)
def test_a_type_that_a_side_lacks_or_that_does_not_fit_stays_and_is_named(site: Linked) -> None:
    site.tie(LEFT, "Causes", "A", "B")
    site.settled()
    assert site.links(RIGHT) == []
    with site.context() as context:
        unheld = context.unheld()  # type: ignore[attr-defined]  # a PairContext
        for connector in context.connectors.values():  # type: ignore[attr-defined]
            assert isinstance(connector, CustomHolder)
    told = " ".join(unheld) or " ".join(site.sync(sweep=True).unheld)
    assert "Causes: " in told
    assert "Nowhere" in told or "Siblings" in told


def test_links_of_a_type_without_a_partner_stay_and_are_listed(site: Linked) -> None:
    site.tie(LEFT, "Causes", "A", "B")
    site.sync(sweep=True)
    said = site.settled().staying
    assert site.links(RIGHT) == []
    assert said == [
        f"{site.box.jira_url} PAY: 2 tasks have links “Causes”, which stay there: no row of [pairs.links] names the"
        f" type ({site.key(LEFT, 'A')}, {site.key(LEFT, 'B')})"
    ]
    with site.context() as context:
        comparison = verify_pair(context)  # type: ignore[arg-type]  # a PairContext
    assert (comparison.differences, comparison.staying) == ([], said)


def test_links_that_github_cannot_hold_stay_and_are_listed(tmp_path: Path) -> None:
    site = Site(tmp_path, JIRA["PAY"], GITHUB["acme/pay"])
    with site.box:
        people = people_of(site, JIRA["PAY"])
        assert isinstance(people, JiraPeople)
        keys = [people.create(title) for title in "AB"]
        for kind in ("Relates", "Cloners"):
            ends = {"inwardIssue": {"key": keys[0]}, "outwardIssue": {"key": keys[1]}}
            people.ask("POST", "/issueLink", {"type": {"name": kind}, **ends})
        site.sync()
        said = site.sync(sweep=True).staying
    assert len(said) == 2
    assert any("2 tasks have links “relates”" in line and "pay has no such links" in line for line in said)
    assert any("1 task has links “clones”" in line for line in said)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('[["Causes", "Causes"], ["Causes", "Incident"]]', "is in row 0, too"),
        ('[["Relates", "Duplicate"]]', "two different links"),
        ('[["labels", "Causes"]]', "already the name of a field"),
        ('[["", "Causes"]]', "each the name of a type of links"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    site = Linked(tmp_path, rows)
    with site.box, pytest.raises(Misconfigured, match=said), site.context():
        pass


def test_a_tracker_without_types_of_links_takes_no_map(tmp_path: Path) -> None:
    site = Site(tmp_path, JIRA["PAY"], GITHUB["acme/pay"] + '\n[pairs.links]\nmap = [["Causes", "Causes"]]\n')
    with site.box, pytest.raises(Misconfigured, match="kind github has no types of links"), site.context():
        pass


@pytest.mark.parametrize("site", ['[["Causes", "Relates"]]'], indirect=True)
def test_a_row_of_types_that_read_otherwise_writes_nothing_and_is_named(site: Linked) -> None:
    site.tie(RIGHT, "Relates", "A", "B")
    site.sync()
    assert site.links(LEFT) == []
    assert len(site.links(RIGHT)) == 1
    with site.context() as context:
        left = context.connectors[LEFT]
        assert isinstance(left, CustomHolder)
        assert "differently from each end" in str(left.declared()[Field.RELATES])
