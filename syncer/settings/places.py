"""Where each key of a TOML document stands, so that a mistake can be reported with its line.

`tomllib` gives values without positions. This walks a document that `tomllib` has already accepted, so it needs to know
the shape of TOML but not its rules: nothing is checked twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Path = tuple[str | int, ...]

_BARE_END: Final = frozenset(" \t\r\n=.]")
_VALUE_END: Final = frozenset(",]}\r\n#")


def places(text: str) -> Mapping[Path, int]:
    """The line (from 1) on which each table, key and array element begins, by its path. `text` is valid TOML."""
    return _Walk(text).run()


def nearest(known: Mapping[Path, int], path: Path) -> int | None:
    """The line of `path`, or of the innermost table around it that was written down; None for an empty document."""
    for length in range(len(path), 0, -1):
        if (line := known.get(path[:length])) is not None:
            return line
    return None


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.found: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}
        """Index of the last element of each array of tables."""

    def run(self) -> Mapping[Path, int]:
        here: Path = ()
        while self._skip_blank():
            if self.text.startswith("[[", self.at):
                here = self._array_header()
            elif self.text[self.at] == "[":
                self._advance(1)
                here = self._resolve(self._keys())
                self.found.setdefault(here, self.line)
                self._advance_past("]")
            else:
                self._pair(here)
        return self.found

    def _array_header(self) -> Path:
        self._advance(2)
        keys = self._keys()
        outer = (*self._resolve(keys[:-1]), keys[-1])
        index = self.tables.get(outer, -1) + 1
        self.tables[outer] = index
        self.found.setdefault(outer, self.line)
        self.found[(*outer, index)] = self.line
        self._advance_past("]]")
        return (*outer, index)

    def _resolve(self, keys: list[str]) -> Path:
        """The path of a header, with the index of the array element it belongs to."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if (index := self.tables.get(path)) is not None:
                path = (*path, index)
        return path

    def _pair(self, table: Path) -> None:
        line = self.line
        path: Path = table
        for key in self._keys():
            path = (*path, key)
            self.found.setdefault(path, line)
        self._advance_past("=")
        self._skip_spaces()
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip_spaces()
            keys.append(self._key())
            self._skip_spaces()
            if self.text[self.at] != ".":
                return keys
            self._advance(1)

    def _key(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self._string()
            return self.text[start + 1 : self.at - 1]
        while self.text[self.at] not in _BARE_END:
            self.at += 1
        return self.text[start : self.at]

    def _value(self, path: Path) -> None:
        match self.text[self.at]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._string()
            case _:
                while self.at < len(self.text) and self.text[self.at] not in _VALUE_END:
                    self.at += 1

    def _array(self, path: Path) -> None:
        self._advance(1)
        index = 0
        while self._skip_blank() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            self.found[(*path, index)] = self.line
            self._value((*path, index))
            index += 1
        self._advance(1)

    def _inline_table(self, path: Path) -> None:
        self._advance(1)
        while self._skip_blank() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            self._pair(path)
        self._advance(1)

    def _string(self) -> None:
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            self._advance(3)
            while not self.text.startswith(quote * 3, self.at):
                self._advance(2 if quote == '"' and self.text[self.at] == "\\" else 1)
            self._advance(3)
            while self.text.startswith(quote, self.at):  # up to two quotes may belong to the text
                self._advance(1)
            return
        self._advance(1)
        while self.text[self.at] != quote:
            self._advance(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        self._advance(1)

    def _skip_blank(self) -> bool:
        """Passes white space, line ends and comments; False at the end of the document."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                while self.at < len(self.text) and self.text[self.at] != "\n":
                    self.at += 1
            elif self.text[self.at].isspace():
                self._advance(1)
            else:
                return True
        return False

    def _skip_spaces(self) -> None:
        while self.text[self.at] in " \t":
            self.at += 1

    def _advance_past(self, token: str) -> None:
        self._skip_spaces()
        self._advance(len(token))

    def _advance(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count
