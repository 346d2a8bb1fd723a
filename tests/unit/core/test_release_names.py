"""Which version a release is about, by its tag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from syncer.contract.code import RELEASED, LooseRelease, Release
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Status, Version
from syncer.core.release_names import LATELY, release_name, unpublished

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
TODAY = NOON.date()


def version(name: str, day: date | None = TODAY, status: Status = RELEASED) -> Observed:
    """A version as its tracker shows it."""
    showing = {Field.TITLE: name, Field.STATUS: status, Field.DUE: day}
    return Observed(Ref(Kind.MILESTONE, name), name, "", Version(name), NOON, NOON, showing, Audience.PUBLIC)


def missed(versions: Sequence[Observed], loose: Sequence[LooseRelease] = ()) -> list[tuple[str, str]]:
    """Key, and the title of the draft, of what is missed beside a release `v1.0`."""
    found = unpublished([Release("1", "v1.0", NOON)], loose, versions, TODAY)
    return [(one.key, each.name if each is not None else "") for one, each in found]


@pytest.mark.parametrize(
    ("tag", "version"), [("v1.2", "1.2"), ("V1.2", "1.2"), ("1.2", "v1.2"), (" 1.2 ", "1.2"), ("spring", "Spring")]
)
def test_a_version_has_the_name_of_its_tag_with_or_without_a_v(tag: str, version: str) -> None:
    assert release_name(tag) == release_name(version)


@pytest.mark.parametrize(("tag", "version"), [("v1.2", "1.2.0"), ("vspring", "spring"), ("vv1", "1"), ("1.2", "1.20")])
def test_what_only_looks_alike_is_another_version(tag: str, version: str) -> None:
    assert release_name(tag) != release_name(version)


def test_a_released_version_without_its_release_is_missed_the_oldest_first() -> None:
    old = version("1.1", TODAY - timedelta(days=3))
    assert missed([version("1.2"), version("1.0"), old]) == [("1.1", ""), ("1.2", "")]


def test_a_draft_is_named_by_its_tag_or_its_title_and_counts_for_nothing() -> None:
    drafts = [LooseRelease("7", "v1.2", "Two", draft=True), LooseRelease("8", "untagged-1", "1.3", draft=True)]
    assert missed([version("1.2"), version("1.3")], drafts) == [("1.2", "Two"), ("1.3", "1.3")]


def test_what_was_released_long_ago_is_open_still_or_tells_no_day_is_not_missed() -> None:
    todo, archived = Status("unreleased", Category.TODO), Status("archived", Category.DONE)
    versions = [
        version("1.2", TODAY - LATELY - timedelta(days=1)),
        version("1.3", None),
        version("1.4", status=todo),
        version("1.5", status=archived),
    ]
    assert missed(versions) == []
