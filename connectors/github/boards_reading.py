"""One board (Projects v2) as it is asked: its fields, its items with their values, and a single item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from connectors.github.answers import GitHubAnswer
from connectors.github.boards_fields import BoardField, found, held, sent
from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, entry, part
from connectors.github.paging import PAGE, rows
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Field, Showing

BoardKey = tuple[str, int]
"""Owner and number of a board."""
_NEEDED: Final = "give it the organisation permission Projects (read and write), or the scope project"


@dataclass(frozen=True, slots=True)
class BoardItem:
    """An issue on a board, with what it holds in the fields that were asked for."""

    id: int
    issue: str
    """The issue's native id."""
    values: Showing
    odd: frozenset[Field] = frozenset()
    """Fields that hold something which makes no sense there."""
    archived: bool = False
    untouched: bool = False
    """Nothing was changed since it was put there: what is empty nobody emptied."""


class Board:
    """One board, with the declared fields that are on it. Nothing is asked before something of it is."""

    def __init__(self, client: GitHubClient, key: BoardKey, locators: Mapping[Field, str], *, adds: bool) -> None:
        self._client = client
        self.key = key
        self._owner, self._number = quote(key[0], safe=""), key[1]
        self.name = f"project {key[1]} of {key[0]}"
        self.locators = locators
        """The name of the field on the board, by declared field."""
        self.adds = adds
        """An issue that is to have a value is put on the board."""
        self.of_user = False
        self.fields: dict[Field, BoardField | str] | None = None
        """What the declared fields are, or why they are not held; None while nobody asked."""
        self.ids: dict[str, int] | None = None
        """The ids of the items by that of the issue, as they were seen last; None while nobody looked."""
        self.read_at: datetime | None = None
        """When all items were read last, by GitHub's clock."""
        self.items: dict[str, BoardItem] | None = None
        """All items by the id of their issue, where they were read in this pass."""
        self.certain = False
        """The fields were asked for in this pass."""
        self.touched: set[str] = set()
        """Issues whose values we changed."""

    @property
    def path(self) -> str:
        """Where the API has it: at an organisation or at a user."""
        owner, number = self._owner, self._number
        return f"/users/{owner}/projectsV2/{number}" if self.of_user else f"/orgs/{owner}/projectsV2/{number}"

    # Fields

    def held(self) -> dict[Field, BoardField]:
        """The declared fields that the board has."""
        return {name: one for name, one in self.all_fields().items() if isinstance(one, BoardField)}

    def all_fields(self) -> Mapping[Field, BoardField | str]:
        """What the declared fields are, or why they are not held; asked where that is not known."""
        if self.fields is None:
            self.ask()
        return self.fields or {}

    def ask(self) -> None:
        """Asks what the fields are."""
        defined = self._told()
        if isinstance(defined, str):
            self.fields = dict.fromkeys(self.locators, defined)
        else:
            self.fields = {name: found(name, wanted, defined, self.name) for name, wanted in self.locators.items()}
        self.certain = True

    def _told(self) -> Sequence[BoardField] | str:
        """The fields of the board, or why they are not told. Who owns it is found out by asking."""
        for of_user in (self.of_user, not self.of_user):
            self.of_user = of_user
            try:
                return self.defined()
            except Gone:
                continue
            except Denied as error:
                if error.credentials:
                    raise
                return f"does not let this token read {self.name}: {_NEEDED}"
        self.of_user = False
        product = self._client.product
        if product is not None and product.name.endswith("Server") and product.version:
            return f"is on {product.name} {product.version}, whose interface has no projects"
        return f"shows this token no {self.name}: check the number and the owner, and {_NEEDED}"

    def defined(self) -> Sequence[BoardField]:
        """The fields of the board. Raises Gone, Denied."""
        pages = self._pages(f"{self.path}/fields", f"list the fields of {self.name}", {})
        return [field for page in pages for row in page if (field := _field(row)) is not None]

    # Items

    def read(self, now: datetime | None) -> Iterator[list[BoardItem]]:
        """Reads all items anew, page by page; they are known once all were handed over."""
        items: dict[str, BoardItem] = {}
        fields = self.held()
        if fields:
            doing = f"list the items of {self.name}"
            for page in self._pages(f"{self.path}/items", doing, self._wanted(fields)):
                shown = [item for row in page if (item := self._item(row)) is not None]
                items |= {item.issue: item for item in shown}
                yield shown
        self.items, self.read_at = items, now
        self.ids = {issue: item.id for issue, item in items.items()}

    def read_through(self, now: datetime | None) -> Iterator[list[BoardItem]]:
        """The same; a board that is shown no more holds nothing until a later turn, and stops nothing else."""
        try:
            yield from self.read(now)
        except (Denied, Gone, Rejected) as error:
            if isinstance(error, Denied) and error.credentials:
                raise
            self.ask()
            if self.held():
                self.fields = dict.fromkeys(self.locators, f"does not let this token read the items of {self.name}")
            self.read_at = now

    def read_all(self, now: datetime | None) -> Mapping[str, BoardItem]:
        """All items by the id of their issue, read now."""
        for _ in self.read(now):
            pass
        return self.items or {}

    def item(self, issue: str) -> BoardItem | None:
        """The item of an issue, read now; None where it is not on the board."""
        if self.ids is None:
            return self.read_all(self.read_at).get(issue)
        number = self.ids.get(issue)
        if number is None:
            return None
        try:
            body, _ = self._client.get(
                f"{self.path}/items/{number}", f"read an item of {self.name}", self._wanted(self.held()), item=True
            )
        except Gone:  # it may have been put there anew
            return self.read_all(self.read_at).get(issue)
        return self._kept(self._item(entry(body)))

    def add(self, issue: str, key: str) -> int:
        """Puts an issue on the board, and tells the id of its item. Raises Rejected."""
        body = {"type": "Issue", "id": int(issue)}
        doing = f"put {key} on {self.name}"
        try:
            answer = self._client.write("POST", f"{self.path}/items", body, doing, item=True)
        except (Denied, Gone) as error:
            raise _of_this_item(error, str(error)) from error
        self.ids = {**(self.ids or {}), issue: _id(answer, doing)}
        return self.ids[issue]

    def change(self, number: int, values: Showing, key: str) -> BoardItem | None:
        """The item after one request that gives its fields values. Raises Rejected."""
        fields = self.held()
        body = {"fields": [sent(name, fields[name], value) for name, value in values.items()]}
        names = ", ".join(sorted(map(str, values)))
        doing = f"change {names} of {key} on {self.name}"
        try:
            answer = self._client.write("PATCH", f"{self.path}/items/{number}", body, doing, item=True)
        except (Denied, Gone, Rejected) as error:
            raise _of_this_item(error, f"{names}: {error}") from error
        return self._kept(self._item(entry(answer), values))

    def _kept(self, item: BoardItem | None) -> BoardItem | None:
        """The item, which is what later questions of this pass are answered with."""
        if item is not None and self.items is not None:
            before = self.items.get(item.issue)
            values = {**(before.values if before is not None else {}), **item.values}
            self.items[item.issue] = replace(item, values=values)
        return item

    def _item(self, row: Json, only: Showing | None = None) -> BoardItem | None:
        """The item in an answer; None for what is no issue, or one that we may not see."""
        content = row.get("content")
        if row.get("content_type") != "Issue" or not isinstance(content, Mapping):
            return None
        try:
            issue, number = str(part(content, "id", int)), part(row, "id", int)
            values = [entry(each) for each in part(row, "fields", list)]
        except MalformedError:
            return None
        wanted = {name: field for name, field in self.held().items() if only is None or name in only}
        shown = {name: value for name, field in wanted.items() if (value := _value(field, values)) is not _UNTOLD}
        untouched = row.get("updated_at") == row.get("created_at") and issue not in self.touched
        filled = {each.get("id") for each in values if each.get("value") is not None}
        odd = frozenset(name for name, field in wanted.items() if name not in shown and field.id in filled)
        return BoardItem(number, issue, shown, odd, row.get("archived_at") is not None, untouched)

    def _wanted(self, fields: Mapping[Field, BoardField]) -> dict[str, str | int]:
        return {"fields": ",".join(str(number) for number in sorted({field.id for field in fields.values()}))}

    def _pages(self, path: str, doing: str, query: Mapping[str, str | int]) -> Iterator[list[Json]]:
        """The pages of a list that is read on by a cursor."""
        after = ""
        while True:
            asked: dict[str, str | int] = {"per_page": PAGE, **query}
            if after:
                asked["after"] = after
            body, answer = self._client.get(path, doing, asked, item=True)
            listed = rows(body, doing)
            yield listed
            last, after = after, next_cursor(answer)
            if not after:
                return
            if not listed or after == last:
                raise Retryable(f"cannot {doing}: the list does not go on")


_UNTOLD: Final = object()


def _value(field: BoardField, values: Sequence[Json]) -> Any:
    try:
        return held(field, values)
    except MalformedError:
        return _UNTOLD


def _field(row: Json) -> BoardField | None:
    """The field in an entry of the list; None for one that makes no sense, which keeps no other from being held."""
    try:
        return BoardField.of(row)
    except MalformedError:
        return None


def _of_this_item(error: TrackerError, message: str) -> TrackerError:
    """The error of a board for one item: whoever may not change a board may change issues all the same."""
    return error if isinstance(error, Denied) and error.credentials else Rejected(message)


def _id(answer: object, doing: str) -> int:
    try:
        return part(answer, "id", int)
    except MalformedError as error:
        raise Ambiguous(f"cannot {doing}: {error} in GitHub's answer") from error


def next_cursor(answer: GitHubAnswer) -> str:
    """Where a list goes on, from the Link header of an answer; empty where it ends."""
    for link in answer.headers.get("link", "").split(","):
        address, _, rest = link.partition(";")
        if 'rel="next"' in rest:
            return parse_qs(urlsplit(address.strip().strip("<>")).query).get("after", [""])[0]
    return ""
