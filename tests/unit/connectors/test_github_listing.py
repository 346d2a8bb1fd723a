"""Reading a list that moves: whatever people do between two pages, nothing that is there is missed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.github import paging
from connectors.github.answers import GitHubAnswer
from connectors.github.client import GitHubClient
from connectors.github.listing import ListingPosition
from connectors.github.paging import changed_since, stamp
from syncer.contract.model import Audience, Cursor

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGE = 3


@dataclass
class MovingList:
    """A list as GitHub serves it, in which after each page somebody touches entries: `edits[n]` after page n."""

    updated: dict[int, int]
    edits: list[list[int]]
    now: int = 100
    served: int = 0
    deep: list[int] = field(default_factory=list)

    def get(self, path: str, doing: str, query: dict[str, Any], *, item: bool = False) -> tuple[Any, GitHubAnswer]:
        del path, doing, item
        since = datetime.fromisoformat(query["since"]) if "since" in query else START
        rows = sorted((second, native) for native, second in self.updated.items() if self.time(second) >= since)
        first = (query["page"] - 1) * PAGE
        self.deep.append(query["page"])
        shown = [
            {"id": native, "updated_at": stamp(self.time(second))} for second, native in rows[first : first + PAGE]
        ]
        if self.served < len(self.edits):
            self.now += 1
            self.updated.update(dict.fromkeys(self.edits[self.served], self.now))
        self.served += 1
        link = {"link": '<x>; rel="next"'} if first + PAGE < len(rows) else {}
        return shown, GitHubAnswer(200, link, "")

    def time(self, second: int) -> datetime:
        return START + timedelta(seconds=second)


@pytest.fixture(autouse=True, scope="module")
def _small_pages() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE", PAGE)
        yield


def read(moving: MovingList, since: datetime | None = None) -> list[int]:
    client = cast("GitHubClient", moving)
    chunks = list(changed_since(client, "/issues", "list", since))
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    return [row["id"] for chunk in chunks for row in chunk.rows]


ENTRIES = st.dictionaries(st.integers(1, 30), st.integers(0, 6), max_size=25)


@given(ENTRIES, st.lists(st.lists(st.integers(1, 30), max_size=2), max_size=6), st.booleans())
@example({**dict.fromkeys(range(1, 19), 0), 19: 1}, [[1]], False)
def test_every_entry_is_seen_whatever_is_edited_between_pages(
    entries: dict[int, int], edits: list[list[int]], from_the_start: bool
) -> None:
    touched = [[native for native in page if native in entries] for page in edits]
    assert set(read(MovingList(dict(entries), touched), None if from_the_start else START)) == set(entries)


@given(ENTRIES)
def test_entry_that_stays_is_seen_once(entries: dict[int, int]) -> None:
    assert sorted(read(MovingList(dict(entries), []))) == sorted(entries)


def test_last_state_of_an_entry_that_moved_is_seen() -> None:
    moving = MovingList({native: native for native in range(9)}, [[1]])
    assert read(moving).count(1) == 2


def test_pages_are_not_counted_where_time_tells_them_apart() -> None:
    moving = MovingList({native: native for native in range(20)}, [])
    read(moving)
    assert set(moving.deep) == {1}


@pytest.mark.parametrize("since", [None, START])
def test_cursor_comes_back(since: datetime | None) -> None:
    position = ListingPosition(since, complete=True, repository=7, audience=Audience.MEMBERS)
    assert ListingPosition.parse(position.cursor()) == position


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"since": 3, "complete": 1, "repository": "x", "audience": 9}']
)
def test_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        ListingPosition.parse(Cursor(text))


def test_time_is_sent_in_utc() -> None:
    from datetime import timezone

    assert stamp(datetime(2026, 3, 2, 17, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))) == "2026-03-02T09:00:00Z"
