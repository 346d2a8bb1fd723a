"""Maps and people that are proposed to somebody who begins, from what both scopes have. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syncer.contract.beginning import Discovery, FoundPerson
from syncer.contract.model import Category, Side, Status

Row = tuple[str, ...]
"""A row of a map, as the configuration writes it."""

_NOT_DONE: Final = re.compile(
    r"won.?t|\bnot\b|cancel|reject|declin|invalid|abandon|obsolete|duplicate|withdrawn|拒绝|取消|无效|重复|不做",
    re.IGNORECASE,
)
"""What a status is called in which work ends that was not done."""
_DUPLICATE: Final = re.compile(r"duplicate|重复", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProposedPerson:
    """One person on both sides, and why they are taken for one."""

    name: str
    left: str
    right: str
    why: str


def statuses(left: Sequence[Status], right: Sequence[Status]) -> list[Row]:
    """The rows of a map of statuses, each of the richer side with what it means on the other one."""
    if len({one.name for one in left}) >= len({one.name for one in right}):
        return [_row(one, other, label, Side.LEFT) for one, other, label in _meanings(left, right)]
    return [_row(other, one, label, Side.RIGHT) for one, other, label in _meanings(right, left)]


def _meanings(rich: Sequence[Status], plain: Sequence[Status]) -> Iterator[tuple[Status, Status, str]]:
    """Each status of the richer side, what it is on the other, and the label that keeps it apart from others there."""
    by_name = {one.name.casefold(): one for one in plain}
    taken: set[tuple[str, str | None]] = set()
    for one in rich:
        other = by_name.get(one.name.casefold()) or _of_category(one, plain)
        if other is None:
            continue
        place = (other.name, other.reason)
        shared = place in taken and one.category is not Category.DONE and other.name.casefold() != one.name.casefold()
        taken.add(place)
        yield one, other, f"status: {one.name.casefold()}" if shared else ""


def _of_category(one: Status, plain: Sequence[Status]) -> Status | None:
    """The status of the other side that says as much of whether work is done."""
    done = [other for other in plain if other.category is Category.DONE]
    if one.category is not Category.DONE:
        same = [other for other in plain if other.category is one.category]
        return next(iter(same or [other for other in plain if other.category is not Category.DONE]), None)
    if _NOT_DONE.search(one.name):
        reasons = {other.reason: other for other in done if other.reason}
        wanted = ("duplicate", "not_planned") if _DUPLICATE.search(one.name) else ("not_planned",)
        found = next((reasons[word] for word in wanted if word in reasons), None)
        return found or next((other for other in done if _NOT_DONE.search(other.name)), next(iter(done), None))
    return next((other for other in done if not _NOT_DONE.search(other.name)), next(iter(done), None))


def _row(left: Status, right: Status, label: str, rich: Side) -> Row:
    cells = {Side.LEFT: _cell(left), Side.RIGHT: _cell(right)}
    if label and rich is Side.RIGHT:
        return f"{cells[Side.LEFT]} + label:{label}", cells[Side.RIGHT]
    return (cells[Side.LEFT], cells[Side.RIGHT], label) if label else (cells[Side.LEFT], cells[Side.RIGHT])


def _cell(status: Status) -> str:
    return status.name if status.reason is None else f"{status.name}:{status.reason}"


def named_alike(
    left: Sequence[str], right: Sequence[str], left_labels: Sequence[str], right_labels: Sequence[str], word: str
) -> list[Row]:
    """The rows of a map of priorities or types: equal names, else a label of the other side that says the same."""
    if left and right:
        known = {name.casefold(): name for name in right}
        return [(name, known[name.casefold()]) for name in left if name.casefold() in known]
    if left:
        return [(name, f"label:{label}") for name in left if (label := _label(name, right_labels, word))]
    return [(f"label:{label}", name) for name in right if (label := _label(name, left_labels, word))]


def _label(name: str, labels: Sequence[str], word: str) -> str:
    """The label that stands for a name: `bug`, `priority: high`, `prio/high`."""
    plain = name.casefold()
    wanted = re.compile(rf"(?:(?:{word}|{word[:4]}|kind)\s*[:/_-]\s*)?{re.escape(plain)}", re.IGNORECASE)
    return next((label for label in labels if wanted.fullmatch(label)), "")


def people(left: Discovery, right: Discovery) -> list[ProposedPerson]:
    """Who is probably who: by mail, else by name, else by a login that is the name; nobody twice."""
    found: list[ProposedPerson] = []
    rest = {Side.LEFT: list(left.people), Side.RIGHT: list(right.people)}
    for why, keys in (("mail", _mail), ("name", _name), ("login", _login)):
        theirs = _once(rest[Side.RIGHT], keys)
        for key, one in _once(rest[Side.LEFT], keys).items():
            other = theirs.get(key)
            if other is not None:
                found.append(ProposedPerson(one.name or other.name or one.account, one.account, other.account, why))
                rest[Side.LEFT].remove(one)
                rest[Side.RIGHT].remove(other)
    return sorted(found, key=lambda person: person.name.casefold())


def _once(those: Iterable[FoundPerson], keys: Callable[[FoundPerson], set[str]]) -> dict[str, FoundPerson]:
    """The people by a key that only one of them has; each by one key."""
    found: dict[str, list[FoundPerson]] = {}
    for one in those:
        for key in keys(one):
            found.setdefault(key, []).append(one)
    return {key: several[0] for key, several in found.items() if len(several) == 1}


def _mail(one: FoundPerson) -> set[str]:
    return {one.mail.casefold()} if one.mail else set()


def _name(one: FoundPerson) -> set[str]:
    words = re.findall(r"\w+", one.name.casefold())
    return {" ".join(sorted(words))} if len(words) > 1 or (words and not words[0].isascii()) else set()


def _login(one: FoundPerson) -> set[str]:
    """What a login would be made of: letters alone, of the account and of the name in both orders."""
    words = re.findall(r"[^\W\d_]+", one.name.casefold())
    made = {"".join(words), "".join(reversed(words))} | {"".join(re.findall(r"[^\W\d_]+", one.account.casefold()))}
    return {key for key in made if len(key) >= 5}
