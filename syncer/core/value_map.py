"""Values of small vocabularies (status, priority, type) and the tables that relate the two sides.

Why a relation and not a function: several Jira statuses may meet one GitHub state. Two terms *agree* when some row
holds both. Where rows name columns of a board, a task in none of them is judged by its state alone.
A term is carried to the cell that changes least: what the other side shows already if that agrees, then
what it showed before (so closing and reopening does not flatten a workflow), then the first row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from syncer.contract.model import Category, Side, Status
from syncer.core.relation import MapCell, MapRow, Relation


@dataclass(frozen=True, slots=True)
class Term:
    """A status, priority or type as one side shows it: by a native name, by a label, or both."""

    name: str | None = None
    reason: str | None = None
    label: str | None = None
    category: Category | None = None
    option: str | None = None
    """Of a status: the column of a board where the task stands; None where it stands in none, or that is not told."""

    def __str__(self) -> str:
        return str(MapCell(self.name, self.reason, self.label, self.option)) or "none"


NOTHING = Term()


def same_term(one: Term, two: Term) -> bool:
    """Whether two showings of one side are the same term, spelling aside."""
    return _fold(one) == _fold(two)


def term_took(asked: Term, shown: Term) -> bool:
    """Whether a side shows the term it was asked for; a reason or column that was left as it is may be any."""
    if same_term(asked, NOTHING):
        return same_term(shown, NOTHING)
    wanted, there = _fold(asked), _fold(shown)
    parts = ((wanted[part], there[part]) for part in (0, 1, 3))
    return wanted[2] == there[2] and all(part in ("", found) for part, found in parts)


def left_its_column(before: Term, now: Term) -> bool:
    """Whether a task stands in no column any more, and shows the same else: that says nothing about its status."""
    return before.option is not None and now.option is None and same_term(replace(before, option=None), now)


def only_its_column(before: Term, now: Term) -> bool:
    """Whether a task was moved to another column of its board, and nothing else of its status changed."""
    return same_term(replace(before, option=now.option), now) and not same_term(before, now)


def _fold(term: Term) -> tuple[str, str, str, str]:
    name, reason, label, option = (
        (part or "").casefold() for part in (term.name, term.reason, term.label, term.option)
    )
    return name, reason, label, option


def term_label(relation: Relation, side: Side, name: str | None, labels: Collection[str]) -> str | None:
    """The label among an item's labels that takes part in its term: of the first row that fits its native name.

    A `status: in progress` label left on a closed issue fits no row and is therefore no part of its status.
    """
    present = {label.casefold(): label for label in labels}
    for row in relation.rows:
        cell = row.cell(side)
        if cell.label is None or cell.label.casefold() not in present:
            continue
        if cell.name is None or cell.name.casefold() == (name or "").casefold():
            return present[cell.label.casefold()]
    return None


def rows_of(relation: Relation, side: Side, term: Term) -> Sequence[MapRow]:
    """The rows a term belongs to, only those of the closest fit: its own reason, then any reason, then another one.

    A column that no row names along with the state is no part of the status: a card that was not moved yet when its
    task was closed, one in a column that nobody mapped.
    """
    named = [row for row in relation.rows if _names(row.cell(side), term)]
    by_reason: tuple[list[MapRow], list[MapRow], list[MapRow]] = ([], [], [])
    for row in named:
        reason = row.cell(side).reason
        if reason is None:
            by_reason[1].append(row)
        elif reason.casefold() == (term.reason or "").casefold():
            by_reason[0].append(row)
        else:
            by_reason[2].append(row)
    closest = next((rows for rows in by_reason if rows), [])
    return [row for row in closest if _in_column(row.cell(side), term)] or closest


def fits_a_row(relation: Relation, side: Side, term: Term) -> bool:
    """Whether a row names the state of a task along with the column that it stands in."""
    return any(_in_column(row.cell(side), term) for row in rows_of(relation, side, term))


def _in_column(cell: MapCell, term: Term) -> bool:
    return (cell.option or "").casefold() == (term.option or "").casefold()


def _names(cell: MapCell, term: Term) -> bool:
    if (cell.label or "").casefold() != (term.label or "").casefold():
        return False
    return cell.name is None or cell.name.casefold() == (term.name or "").casefold()


def names_of(relation: Relation, side: Side, term: Term) -> frozenset[str]:
    """The names by which a term goes on either side, labels among them, in lower case."""
    cells = [row.cell(each) for row in rows_of(relation, side, term) for each in Side] if term != NOTHING else []
    named = (term.name, term.label, *(name for cell in cells for name in (cell.name, cell.label)))
    return frozenset(name.casefold() for name in named if name)


def usual_relation(left: Sequence[Status], right: Sequence[Status]) -> Relation:
    """The table of two vocabularies that nobody mapped, by what their statuses mean.

    A status meets its namesake, else every status of its category, else the first of the nearest category: who has no
    word for work in progress says that it is open.
    """
    found: list[tuple[Status, Status]] = []
    for category in Category:
        for one in (status for status in left if status.category is category):
            found += [(one, other) for other in _counterparts(one, right)]
        for other in (status for status in right if status.category is category):
            if all(other is not met for _, met in found):
                found += [(one, other) for one in _counterparts(other, left)]
    return Relation(tuple(MapRow(_cell(one), _cell(other)) for one, other in found))


def _counterparts(status: Status, others: Sequence[Status]) -> Sequence[Status]:
    namesakes = [each for each in others if same_term(_term_of(each), _term_of(status))]
    if namesakes:
        return namesakes
    by_category = {category: [each for each in others if each.category is category] for category in Category}
    if by_category[status.category]:
        return by_category[status.category]
    nearest = {Category.TODO: Category.DOING, Category.DOING: Category.TODO}.get(status.category)
    return by_category[nearest][:1] if nearest is not None else ()


def _term_of(status: Status) -> Term:
    return Term(status.name, status.reason)


def _cell(status: Status) -> MapCell:
    return MapCell(status.name, status.reason)


def terms_agree(relation: Relation, left: Term, right: Term) -> bool:
    """Whether some row holds both terms. Two absent terms agree."""
    if same_term(left, NOTHING) and same_term(right, NOTHING):
        return True
    rows = rows_of(relation, Side.RIGHT, right)
    return any(row in rows for row in rows_of(relation, Side.LEFT, left))


def carry_term(relation: Relation, to: Side, term: Term, shown: Term, remembered: Sequence[Term] = ()) -> Term | None:
    """What `to` should show for a term of the other side; None when the table has no row for it."""
    if same_term(term, NOTHING):
        return NOTHING
    rows = rows_of(relation, to.other, term)
    for candidate in (shown, *remembered):
        fits = [row for row in rows_of(relation, to, candidate) if _stays_there(row.cell(to), candidate)]
        if any(row in fits for row in rows):
            return candidate
    if not rows:
        return None
    cell = rows[0].cell(to)
    return Term(cell.name, cell.reason, cell.label, term.category, cell.option)


def _stays_there(cell: MapCell, term: Term) -> bool:
    """Whether a task need not be moved to another column to show what a cell says."""
    return cell.option is None or _in_column(cell, term)
