"""What every connector of a small tracker gets: edits of others kept, markers believed only where they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.errors import Ambiguous, Gone, Rejected, Stale
from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Patch,
    Ref,
    Showing,
    Status,
    Value,
    Version,
)
from syncer.contract.small import Part, SmallConnector, merged

AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
TASK = Ref(Kind.TASK, "1")


def item(marker: str | None = None, author: str = "mia", **showing: Value) -> Observed:
    fields: Showing = {Field(name): value for name, value in showing.items()}
    made = Account(author)
    return Observed(
        TASK, "1", "", Version("v"), AT, AT, fields, Audience.MEMBERS, made, Marker(marker) if marker else None
    )


@pytest.mark.parametrize(
    ("before", "there", "wanted", "written"),
    [
        (("a",), ("a",), ("a", "b"), ("a", "b")),
        (("a",), ("a", "mine"), ("a", "b"), ("a", "mine", "b")),
        (("a", "b"), ("a", "b", "mine"), ("a",), ("a", "mine")),
        (("a", "b"), ("b",), ("a", "b", "c"), ("b", "c")),
        (("a",), ("a", "b"), ("a", "b"), ("a", "b")),
    ],
)
def test_of_a_set_only_what_was_decided_changes(
    before: tuple[str, ...], there: tuple[str, ...], wanted: tuple[str, ...], written: tuple[str, ...]
) -> None:
    assert merged({Field.LABELS: wanted}, item(labels=before), item(labels=there)) == {Field.LABELS: written}


def test_a_field_that_somebody_else_changed_is_not_overwritten() -> None:
    patch = {Field.TITLE: "new"}
    assert merged(patch, item(title="old"), item(title="old")) == patch
    assert merged(patch, item(title="old"), item(title="new")) == patch
    with pytest.raises(Stale, match="title of 1"):
        merged(patch, item(title="old"), item(title="theirs"))


class One(SmallConnector):
    """A tracker of one item, whose record is what it shows."""

    statuses = (Status("open", Category.TODO),)
    capabilities = Capabilities({Kind.TASK: {Field.TITLE: Fidelity.EXACT}}, title_limit=5)

    def __init__(self, held: Observed | None) -> None:
        super().__init__("syncer", lambda: AT)
        self.held = held

    def people(self) -> Mapping[str, Account]:
        return {}

    def parts(self) -> Iterator[Part]:
        if self.held is not None:
            yield TASK, None, self.held

    def record(self, ref: Ref) -> Any:
        if self.held is None:
            raise Gone(str(ref))
        return self.held

    def shown(self, ref: Ref, record: Any, parent: Ref | None) -> Observed:
        found: Observed = record
        return found

    def add(self, draft: Draft) -> Ref:
        return TASK

    def change(self, item: Observed, fields: Patch) -> None:
        self.held = replace(item, showing={**item.showing, **fields})


def test_a_marker_counts_on_what_we_made_and_where_the_state_has_it_linked() -> None:
    theirs = item("m")
    (read,) = One(theirs).read([item()])
    assert isinstance(read, Observed)
    assert read.marker is None
    (linked,) = One(theirs).read([theirs])
    assert isinstance(linked, Observed)
    assert linked.marker == "m"
    (ours,) = One(item("m", author="syncer")).read([item()])
    assert isinstance(ours, Observed)
    assert ours.marker == "m"


def test_a_marker_that_somebody_took_out_is_gone() -> None:
    (read,) = One(item()).read([item("m")])
    assert isinstance(read, Observed)
    assert read.marker is None


def test_what_vanishes_right_after_it_was_added_may_have_been_made() -> None:
    with pytest.raises(Ambiguous):
        One(None).create([Draft(Kind.TASK, {Field.TITLE: "new"}, Marker("m"))])


@pytest.mark.parametrize(
    "fields",
    [{Field.TITLE: ""}, {Field.TITLE: "longer"}, {Field.BODY: "x"}, {Field.STATUS: Status("x", Category.TODO)}],
)
def test_what_the_tracker_cannot_hold_is_refused_by_name(fields: Showing) -> None:
    (refused,) = One(None).create([Draft(Kind.TASK, fields, Marker("m"))])
    assert isinstance(refused, Rejected)
    assert next(iter(fields)) in str(refused)


def test_what_nothing_can_hold_is_left_out() -> None:
    one = One(item(title="old"))
    assert one.update(item(title="old"), {Field.TITLE: "n\x00ew"}).showing == {Field.TITLE: "new"}
