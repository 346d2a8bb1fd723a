"""Tables of trackers, and the sides of pairs that name them: each with the kind of its tracker beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from syncer.contract.naming import did_you_mean
from syncer.settings.kinds import Kinds
from syncer.settings.places import Path

OF_SIDE: Final = ("tracker", "audience", "when-it-leaves")
"""The keys of a side of a pair that are not its scope's."""


class _Unusable:
    """Stands for a table whose mistake was already reported."""


UNUSABLE: Final = _Unusable()


class Trackers:
    """Puts the kinds of trackers where the models want them. `problem` takes what is wrong at a place."""

    def __init__(self, kinds: Kinds, problem: Callable[[Path, str], None]) -> None:
        self._kinds = kinds
        self._problem = problem

    def placed(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with the kind of tracker beside each tracker's table and each scope, as the models want it."""
        tables = document.get("trackers")
        trackers: dict[str, Any] = {}
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if (kind := self._kind(name, table)) is not None:
                rest = {key: value for key, value in table.items() if key != "kind"}
                trackers[name] = {"name": name, "kind": kind, "settings": rest}
        written = tuple(tables) if isinstance(tables, dict) else ()
        self._check_people(document, written)
        pairs = document.get("pairs")
        if isinstance(pairs, list):
            pairs = [self._pair(index, pair, trackers, written) for index, pair in enumerate(pairs)]
        known = {"trackers": trackers} if isinstance(tables, dict) else {}
        return {**document, **known, **({"pairs": pairs} if "pairs" in document else {})}

    def _kind(self, name: str, table: object) -> Any:
        path: Path = ("trackers", name)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            self._problem(path, "a tracker's name has letters, digits, - and _ only")
        if not isinstance(table, dict):
            self._problem(path, "should be a table")
            return None
        kind = table.get("kind")
        installed = ", ".join(self._kinds) or "none"
        if not isinstance(kind, str):
            self._problem((*path, "kind"), f"is required; installed kinds: {installed}")
            return None
        if kind not in self._kinds:
            near = did_you_mean(kind, self._kinds)
            self._problem((*path, "kind"), f'"{kind}" is not installed; installed kinds: {installed}{near}')
            return None
        return self._kinds[kind]

    def _check_people(self, document: Mapping[str, Any], trackers: Sequence[str]) -> None:
        people = document.get("people")
        for index, person in enumerate(people if isinstance(people, list) else ()):
            accounts = person.get("accounts") if isinstance(person, dict) else None
            for tracker in accounts if isinstance(accounts, dict) else ():
                if tracker not in trackers:
                    message = f'there is no tracker "{tracker}"{did_you_mean(tracker, trackers)}'
                    self._problem(("people", index, "accounts", tracker), message)

    def _pair(self, index: int, pair: object, trackers: Mapping[str, Any], written: Sequence[str]) -> object:
        if not isinstance(pair, dict):
            return pair
        changed = dict(pair)
        for side in ("left", "right"):
            table = pair.get(side)
            if isinstance(table, dict):
                changed[side] = self._side(("pairs", index, side), table, trackers, written)
        return changed

    def _side(
        self, path: Path, table: Mapping[str, Any], trackers: Mapping[str, Any], written: Sequence[str]
    ) -> object:
        name = table.get("tracker")
        if not isinstance(name, str):
            self._problem((*path, "tracker"), f"is required: one of {', '.join(written)}")
        elif name not in written:
            self._problem((*path, "tracker"), f'there is no tracker "{name}"{did_you_mean(name, written)}')
        elif name in trackers:
            own = {key: value for key, value in table.items() if key in OF_SIDE}
            rest = {key: value for key, value in table.items() if key not in own}
            return {**own, "kind": trackers[name]["kind"], "scope": rest}
        return UNUSABLE
