"""Reading lists that move while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, instant, moment, part
from syncer.contract.errors import Retryable

PAGE: Final = 100
_PASSES: Final = 5
"""How often a list that moves is read again before giving up."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries of one answer that were not seen before in the state they have now."""

    rows: tuple[Json, ...]
    reached: datetime | None
    """The time of the last change in the answer; None when it was empty."""
    date: datetime | None
    """GitHub's time when it answered."""
    last: bool
    """Nothing follows."""
    broken: tuple[tuple[Json, MalformedError], ...] = ()
    """Entries that do not tell which item they are, or when it changed."""


def stamp(time: datetime) -> str:
    """A time as the API takes it: UTC, whole seconds, rounded down."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def rows(body: Any, doing: str) -> list[Json]:
    """The entries of a list. Raises Retryable when the answer is no list of objects."""
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise Retryable(f"cannot {doing}: the answer is not a list")
    return body


def pages(client: GitHubClient, path: str, doing: str, *, item: bool = False, **query: str) -> Iterator[list[Json]]:
    """The pages of a short list, one after another."""
    number = 1
    while True:
        body, answer = client.get(path, doing, {"per_page": PAGE, "page": number, **query}, item=item)
        listed = rows(body, doing)
        yield listed
        if not answer.has_next:
            return
        if not listed:
            raise Retryable(f"cannot {doing}: an empty page says that more follow")
        number += 1


def changed_since(client: GitHubClient, path: str, doing: str, since: datetime | None, **query: str) -> Iterator[Chunk]:
    """A list, oldest change first, each entry once for each state it was seen in.

    Somebody who edits moves an entry to the end, and pages by number would skip another one: each page begins at the
    time the one before ended. Only where one second fills a whole page, pages are counted; and if an entry of such a
    stretch moved meanwhile, the stretch is read again.
    """
    seen: dict[int, str] = {}
    stretch = _Stretch()
    number, passes = 1, 0
    while True:
        body, answer = client.get(path, doing, {**_paging(since, number), **query})
        listed, broken = _sound(rows(body, doing))
        times = {part(row, "id", int): part(row, "updated_at", str) for row in listed}
        stretch.watch(times)
        if answer.has_next and not listed:
            raise Retryable(f"cannot {doing}: a page without an entry that makes sense says that more follow")
        first, last = (moment(row, "updated_at") for row in (listed[0], listed[-1])) if listed else (None, None)
        counting = answer.has_next and first == last
        if counting or number > 1:
            stretch.add(times, since, answer.date)
        again = not answer.has_next and stretch.moved
        new = tuple(row for row in listed if seen.get(part(row, "id", int)) != part(row, "updated_at", str))
        yield Chunk(new, last, answer.date, last=not answer.has_next and not again, broken=broken)
        seen.update(times)
        if counting:
            number += 1
        elif answer.has_next:
            since, number = last, 1
        elif again:
            since, number, passes, stretch = stretch.since, 1, passes + 1, _Stretch()
            if passes == _PASSES:
                raise Retryable(f"cannot {doing}: the list changes faster than it can be read")
        else:
            return


def _sound(listed: list[Json]) -> tuple[list[Json], tuple[tuple[Json, MalformedError], ...]]:
    """The entries by which a list can be followed, and the others with what they lack."""
    sound: list[Json] = []
    broken: list[tuple[Json, MalformedError]] = []
    for row in listed:
        try:
            part(row, "id", int)
            moment(row, "updated_at")
        except MalformedError as error:
            broken.append((row, error))
        else:
            sound.append(row)
    return sound, tuple(broken)


def _paging(since: datetime | None, number: int) -> dict[str, str | int]:
    paging: dict[str, str | int] = {"sort": "updated", "direction": "asc", "per_page": PAGE, "page": number}
    return paging if since is None else {**paging, "since": stamp(since)}


@dataclass(slots=True)
class _Stretch:
    """Entries that were read by counting pages, from the first such page on."""

    since: datetime | None = None
    moved: bool = False
    """One of them was edited before the last of them was read, and may have pulled another across a page's edge."""
    _times: dict[int, str] = field(default_factory=dict)
    _until: datetime | None = None

    def add(self, times: dict[int, str], since: datetime | None, date: datetime | None) -> None:
        """Takes in one page, asked for with `since` and answered at `date`."""
        if not self._times:
            self.since = since
        self._times.update(times)
        self._until = date

    def watch(self, times: dict[int, str]) -> None:
        """Notices which entries of the stretch appear again, edited."""
        self.moved = self.moved or any(self._edited_meanwhile(each) for each in times.items())

    def _edited_meanwhile(self, entry: tuple[int, str]) -> bool:
        native, time = entry
        if self._times.get(native, time) == time:
            return False
        return self._until is None or instant(time, "updated_at") <= self._until
