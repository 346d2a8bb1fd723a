"""The boards (Projects v2) whose fields a pair declares: read in turns, kept between them, written item by item.

A value on a board moves no time of change of its issue, so no list of changed issues tells of it. All items of a board
are read at once, by one request for each hundred: in a complete reading, and then as often as `edges-every` says. An
issue that is listed between two turns keeps what the store knows of it. An issue that is not on the board keeps it as
well: whoever takes an issue off a board empties nothing on the other side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.github.boards_fields import BoardField, sent
from connectors.github.boards_kept import called, kept, restore
from connectors.github.boards_reading import Board, BoardItem, BoardKey
from connectors.github.client import GitHubClient
from connectors.github.locators import ProjectFieldLocator
from connectors.github.mapping import with_edges
from connectors.github.ranks import ranks
from syncer.contract.connector import Known, expect
from syncer.contract.custom import CustomType, DeclaredField, Resolved
from syncer.contract.errors import Ambiguous, Rejected, Retryable, TrackerError
from syncer.contract.model import COLUMN, Draft, Field, Kind, Observed, Ref, Showing, Value

_NOTHING: Final = (None, "")
"""What a field of a board shows that nobody filled."""
_NOT_THERE: Final = "{} is not on {}; put it there, or write add = true beside its name"
_OPTIONS: Final = (CustomType.CHOICE, CustomType.SPRINT)


class Boards:
    """See the module. `every` is how often all items are read; None: in every pass.

    `ranked`: the order of the items of the first board is that of the plan.
    """

    def __init__(self, client: GitHubClient, repository: str, every: timedelta | None, *, ranked: bool = False) -> None:
        self._ranked = ranked
        self._ranks: dict[str, str] | None = None
        self._client = client
        self._owner = repository.partition("/")[0]
        self._every = every
        self._boards: dict[BoardKey, Board] = {}
        self._of: dict[Field, Board] = {}
        self._read_before: dict[BoardKey, datetime | None] = {}
        """When they had been read before this pass: that counts until the pass has shown all it found."""
        self._shown: set[str] = set()

    @property
    def names(self) -> frozenset[Field]:
        """The declared fields that are on a board."""
        return frozenset(self._of)

    @property
    def boards(self) -> Sequence[Board]:
        """The boards."""
        return tuple(self._boards.values())

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Takes the fields whose locator names one of a board."""
        located = {one.field: one.locator for one in fields if isinstance(one.locator, ProjectFieldLocator)}
        keys = {name: (locator.owner or self._owner, locator.project) for name, locator in located.items()}
        self._boards = {key: self._board(key, located, keys) for key in keys.values()}
        self._of = {name: self._boards[key] for name, key in keys.items()}

    def _board(
        self, key: BoardKey, located: Mapping[Field, ProjectFieldLocator], keys: Mapping[Field, BoardKey]
    ) -> Board:
        here = {name: locator for name, locator in located.items() if keys[name] == key}
        fields = {name: locator.field for name, locator in here.items()}
        return Board(self._client, key, fields, adds=any(locator.add for locator in here.values()))

    # What is known, and kept in the cursor

    def begin(self, stored: object) -> None:
        """Begins a pass with what the cursor knew, of which a complete reading has nothing."""
        for key, board in self._boards.items():
            board.fields, board.ids, board.items, board.read_at, board.certain = None, None, None, None, False
            restore(board, stored)
            self._read_before[key] = board.read_at
        self._shown, self._ranks = set(), None

    def stored(self, *, whole: bool) -> dict[str, Any] | None:
        """What is kept in the cursor; None where no board is declared. `whole`: the pass has shown all it found."""
        if not self._boards:
            return None
        read_at = {key: board.read_at if whole else self._read_before.get(key) for key, board in self._boards.items()}
        # Thousands of ids are not written with each page of a long reading: an interrupted one looks for them again.
        ids = {key: board.ids if whole else None for key, board in self._boards.items()}
        return {called(key): kept(board, read_at[key], ids[key]) for key, board in self._boards.items()}

    def resolved(self) -> Resolved:
        """What the declared fields are; asks where that is not known."""
        return {name: _told(board.all_fields()[name]) for name, board in self._of.items()}

    def told(self) -> Resolved:
        """The same as far as it is known without asking."""
        known = ((name, board.fields) for name, board in self._of.items())
        return {name: _told(fields[name]) for name, fields in known if fields is not None}

    # Reading

    def turn(self, known: Known, now: datetime | None, *, everything: bool) -> None:
        """Reads the boards whose turn it is."""
        for board in self._boards.values():
            if board.items is None and (everything or self._is_due(board, now)):
                if not board.certain and any(isinstance(one, str) for one in board.all_fields().values()):
                    board.ask()  # what could not be held may be by now
                for page in board.read_through(now):
                    expect(known, [Ref(Kind.TASK, item.issue) for item in page])
                self._doubt(board, known)
                if self._ranked and board is self.boards[0]:
                    self._rank(board, known)

    def _rank(self, board: Board, known: Known) -> None:
        """Notes where the items stand, which the list tells by its order; nothing of a board that was not shown."""
        if (items := board.items) is None:
            return
        seen = {issue: known.observed(Ref(Kind.TASK, issue)) for issue in items}
        self._ranks = ranks(list(items), {issue: was.facts.rank for issue, was in seen.items() if was is not None})

    def _is_due(self, board: Board, now: datetime | None) -> bool:
        if self._every is None or board.read_at is None or now is None:
            return True
        return now - board.read_at >= self._every

    def _doubt(self, board: Board, known: Known) -> None:
        """Asks for the fields again where what was read speaks against what they were known to be.

        A field of an item is untold where it was deleted, renamed or made another kind, and empty where its option was
        removed.
        """
        if board.certain:
            return
        for item in (board.items or {}).values():
            was = known.observed(Ref(Kind.TASK, item.issue))
            if was is not None and any(_is_doubtful(name, item, was) for name in board.held()):
                board.ask()
                if any(name not in item.values for name in board.held()):
                    board.read_all(board.read_at)  # a field that is another one now has another id
                return

    def shown(self, issue: str, before: Observed | None) -> dict[Field, Value]:
        """What an issue shows in the declared fields, as far as this pass or the store knows."""
        self._shown.add(issue)
        return {
            name: value for board in self._boards.values() for name, value in self._on(board, issue, before).items()
        }

    def seen(self, before: Observed | None) -> dict[Field, Value]:
        """What a task shows in the declared fields that was seen before, as far as nothing newer is known."""
        if before is None:
            return {}
        on = (self._on(board, before.ref.id, before) for board in self._boards.values())
        return {name: value for values in on for name, value in values.items()}

    def timed(self, item: Observed) -> Observed:
        """A task with the iterations that it shows as the evaluation reads them."""
        fields = {name: one for board in self._boards.values() for name, one in (board.fields or {}).items()}
        sprints = tuple(
            option.sprint
            for name, field in fields.items()
            if isinstance(field, BoardField) and field.type is CustomType.SPRINT
            for option in [one for one in field.options if one.name == item.showing.get(name)][:1]
        )
        if item.kind is not Kind.TASK or not (sprints or item.facts.sprints):
            return item
        iteration = sprints[0].name if sprints else None
        return replace(item, facts=replace(item.facts, sprints=sprints, iteration=iteration))

    def noted(self, item: Observed, before: Observed | None, odd: Sequence[Field] = ()) -> Observed:
        """A task with what boards tell of it beside values; `odd` are other fields that hold what makes no sense."""
        rank = before.facts.rank if before is not None and self._ranked else ""
        if self._ranks is not None:
            rank = self._ranks.get(item.ref.id, "")
        odd = (*odd, *self._uncarried(item.ref.id, before))
        facts = replace(item.facts, uncarried=odd, rank=rank)
        return item if facts == item.facts else replace(item, facts=facts)

    def _uncarried(self, issue: str, before: Observed | None) -> tuple[Field, ...]:
        """The declared fields that hold something which makes no sense, as far as this pass or the store knows."""
        found: list[Field] = []
        for board in self._boards.values():
            item = (board.items or {}).get(issue)
            was = [name for name in before.facts.uncarried if name in board.locators] if before is not None else []
            found += was if board.items is None else sorted(item.odd) if item is not None else []
        return tuple(found)

    def moved(self, known: Known) -> Iterator[Observed]:
        """The tasks that this pass did not show and whose values changed on a board, with what the store knows."""
        there = dict.fromkeys(issue for board in self._boards.values() for issue in board.items or ())
        refs = [Ref(Kind.TASK, issue) for issue in there if issue not in self._shown]
        expect(known, refs)
        for ref in refs:
            stored = known.observed(ref)
            if stored is None:
                continue
            was = {name: value for name, value in stored.showing.items() if name in self._of}
            values = self.shown(ref.id, stored)
            odd = [name for name in stored.facts.uncarried if name not in self._of]
            now = self.noted(with_values(stored, self._of, values), stored, odd)
            if values != was or now.facts != stored.facts:
                yield self.timed(now)

    def _on(self, board: Board, issue: str, before: Observed | None) -> dict[Field, Value]:
        """What an issue shows in the fields of one board: that of this pass, else what was seen before."""
        was = before.showing if before is not None else {}
        if board.fields is None:
            return {name: was[name] for name in board.locators if name in was}
        kept = {name: was[name] for name in board.held() if name in was}
        if board.items is None:
            return kept
        return _values(board, board.items.get(issue), kept)

    def read(self, item: Observed) -> dict[Field, Value]:
        """What an issue shows in the declared fields now, by one request for each board."""
        found: dict[Field, Value] = {}
        for board in self._boards.values():
            if board.held():
                there = board.item(item.ref.id)
                if (
                    there is not None
                    and not board.certain
                    and any(_is_doubtful(each, there, item) for each in board.held())
                ):
                    board.ask()
                kept = {name: item.showing[name] for name in board.held() if name in item.showing}
                found |= _values(board, there, kept)
        return found

    # Writing

    def unplaced(self, draft: Draft) -> Draft:
        """A draft without what is on a board: an issue is put there once it is made. A milestone's day is its own."""
        if draft.kind is not Kind.TASK:
            return draft
        return replace(draft, fields={name: value for name, value in draft.fields.items() if name not in self._of})

    def filled(self, item: Observed, draft: Draft) -> Observed:
        """A new task with what its draft has on boards. What is refused there it does not show: it is made already."""
        if draft.kind is not Kind.TASK or not self._of:
            return item
        values = {name: value for name, value in draft.fields.items() if name in self._of and value not in _NOTHING}
        try:
            new = {name: value for board in self._boards.values() for name, value in _values(board, None, {}).items()}
            item = with_values(item, self._of, new)
            return self.write(item, values)
        except TrackerError:
            return item

    def unsendable(self, item: Observed | None, fields: Showing) -> dict[Field, str]:
        """The declared fields among these that cannot be given their values, each with the reason."""
        found: dict[Field, str] = {}
        for name in self._of.keys() & fields.keys():
            board, field = self._of[name], self._of[name].all_fields()[name]
            self._see_to_options(board, {name: fields[name]} if isinstance(field, BoardField) else {})
            held = board.all_fields()[name]
            try:
                if not isinstance(held, BoardField):
                    raise Rejected(f"{name}: {held}")
                sent(name, held, fields[name])
                if item is not None:
                    _require_place(board, item, str(name))
                elif not board.adds:
                    raise Rejected(f"{name}: {_NOT_THERE.format('a new issue', board.name)}")
            except Rejected as error:
                found[name] = str(error)
        return found

    def write(self, item: Observed, values: Showing) -> Observed:
        """The task after one request for each board that gives its fields values. Raises Rejected with their names."""
        for board in self._boards.values():
            here = {name: value for name, value in values.items() if self._of.get(name) is board}
            if here:
                item = with_values(item, here, self._written(board, item, here))
        return self.timed(item)

    def _written(self, board: Board, item: Observed, values: Showing) -> Showing:
        for name, one in board.all_fields().items():
            if name in values and isinstance(one, str):
                raise Rejected(f"{name}: {item.key} {one}")
        self._see_to_options(board, values)
        number = self._item_on(board, item, values)
        try:
            shown = board.change(number, values, item.key)
        except Ambiguous as error:
            return self._settled(board, item, values, error)
        return shown.values if shown is not None else values

    def _see_to_options(self, board: Board, values: Showing) -> None:
        """Asks for the fields again where an option is wanted that was not there when they were asked for."""
        held = board.held()
        wanted = ((held[name], value) for name, value in values.items())
        if not board.certain and any(
            one.type in _OPTIONS and value not in _NOTHING and not one.has(value) for one, value in wanted
        ):
            board.ask()

    def _item_on(self, board: Board, item: Observed, values: Showing) -> int:
        """The id of the item of an issue, put on the board where the locator of a field says so. Raises Rejected."""
        names = ", ".join(sorted(map(str, values)))
        number = _require_place(board, item, names)
        board.touched.add(item.ref.id)
        if number is not None:
            return number
        try:
            return board.add(item.ref.id, item.key)
        except Ambiguous as error:  # putting it there once more does nothing
            raise Retryable(f"{error}; it is tried again") from error
        except Rejected as error:
            raise Rejected(f"{names}: {error}") from error

    def _settled(self, board: Board, item: Observed, values: Showing, lost: Ambiguous) -> Showing:
        """The values, when a change whose answer was lost did take effect; else raises what may be sent again."""
        there = board.item(item.ref.id)
        if there is not None and all(there.values.get(name) == value for name, value in values.items()):
            return values
        raise Retryable(f"{lost}; the change did not take effect") from lost


def _require_place(board: Board, item: Observed, names: str) -> int | None:
    """The id of the item of an issue; None where it may be put on the board. Raises Rejected."""
    if board.ids is None:
        board.read_all(board.read_at)
    there, number = (board.items or {}).get(item.ref.id), (board.ids or {}).get(item.ref.id)
    if there is not None and there.archived:
        raise Rejected(f"{names}: {item.key} is archived on {board.name}; restore it there")
    if number is None and not board.adds:
        raise Rejected(f"{names}: {_NOT_THERE.format(item.key, board.name)}")
    return number


def _told(one: BoardField | str) -> Any:
    return one if isinstance(one, str) else one.told


def _values(board: Board, item: BoardItem | None, kept: Mapping[Field, Value]) -> dict[Field, Value]:
    """What an issue shows in the fields of a board, given what it showed before.

    What is not on the board, or was not touched since it was put there, keeps that. Where it had nothing, it is empty
    on a board that it would be put on.
    """
    held = board.held()
    if item is None or item.archived:
        empty = {name: field.empty for name, field in held.items()} if board.adds and item is None else {}
        return {**empty, **kept}
    return {
        name: kept[name] if _was_not_emptied(name, held[name], item, kept.get(name)) else value
        for name, value in item.values.items()
        if name in held
    }


def _was_not_emptied(name: Field, field: BoardField, item: BoardItem, was: Value) -> bool:
    """Whether a field is empty although nobody emptied it: it is new there, or it was a column that was removed.

    Of any other field an option that was removed is shown no more: whoever compares both sides knows by the options
    that are told what became of it.
    """
    if item.values[name] not in _NOTHING or was in _NOTHING:
        return False
    removed = field.type in _OPTIONS and not field.has(was)
    return name is COLUMN if removed else item.untouched


def _is_doubtful(name: Field, item: BoardItem, was: Observed) -> bool:
    """Whether a field tells nothing any more, or lost what it held."""
    before = was.showing.get(name)
    return name not in item.values or (item.values[name] in _NOTHING and before not in _NOTHING)


def with_values(item: Observed, names: Collection[Field], values: Showing) -> Observed:
    """A task that shows these values in some fields, and nothing in those of them that have no value here."""
    others = {name: value for name, value in item.showing.items() if name not in names}
    return with_edges(replace(item, showing=others), values)
