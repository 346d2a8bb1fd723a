"""What commands print: tables and sentences for people on stdout, one JSON object for programs, the rest on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from syncer.core.amounts import span

if TYPE_CHECKING:
    from rich.console import Console

    from syncer.sync.context import Progress


def console() -> Console:
    """Where people read results. Never interprets square brackets in the data as markup."""
    from rich.console import Console

    return Console(highlight=False, markup=False, soft_wrap=True)


_spoken: Callable[[str], None] | None = None
"""What takes the lines of `say` in place of stderr."""


def say(text: str) -> None:
    """One line on stderr: hints and errors, so that stdout stays clean."""
    if _spoken is not None:
        _spoken(printable(text))
        return
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


FORMAT = 1
"""The version of what `--json` prints. Keys may be added without a new one; whoever reads passes over unknown ones."""


def remark(text: str) -> None:
    """One line that tells that all is well, where somebody watches or keeps a log: cron would mail it."""
    if _spoken is not None or sys.stderr.isatty():
        say(text)


@contextmanager
def spoken_by(teller: Callable[[str], None]) -> Iterator[None]:
    """While it is open, every line of `say` goes to `teller`: a log in which every line has one form."""
    global _spoken  # noqa: PLW0603 - stderr is the process's, and so is what stands in its place
    before, _spoken = _spoken, teller
    try:
        yield
    finally:
        _spoken = before


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout, with the version of its format."""
    shown = {"version": FORMAT, **_in_one_style(value)}
    sys.stdout.write(json.dumps(shown, ensure_ascii=not _speaks_unicode(), default=str) + "\n")


def _in_one_style(value: Any) -> Any:
    """The value with the names of fields, where they are keys, spelled like all other keys: `blocked_by`."""
    match value:
        case {"fields": dict() as fields, **rest}:
            spelled = {str(name).replace("-", "_"): content for name, content in fields.items()}
            return {**_in_one_style(rest), "fields": _in_one_style(spelled)}
        case dict():
            return {key: _in_one_style(content) for key, content in value.items()}
        case list():
            return [_in_one_style(element) for element in value]
        case _:
            return value


def bear_any_terminal() -> None:
    """Lets characters that the terminal does not have be shown in another form, so that no output can fail on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    """Text of a tracker without control characters, so that an issue's title cannot drive a terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "�" for letter in text)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; nothing when there are no rows.

    Where the columns have no room side by side, each row is a block of lines: nothing is cut in a narrow terminal.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    if _narrowest(columns, rows) > console().width:
        _blocks(title, columns, rows)
        return
    drawn = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        drawn.add_column(name, overflow="fold", min_width=len(name))
    for row in rows:
        drawn.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
    screen = console()
    screen.soft_wrap = False
    screen.print(drawn)


_WORD = 24
"""Letters of a word that a column keeps together at most."""


def _narrowest(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """The width below which a table would have to break words."""
    longest = [
        max(len(word) for cell in (name, *cells) for word in ["", *str("" if cell is None else cell).split()])
        for name, *cells in zip(columns, *rows, strict=True)
    ]
    return sum(max(len(name), min(word, _WORD)) for name, word in zip(columns, longest, strict=True)) + 2 * len(columns)


def _blocks(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as one line for each cell that holds something, rows apart by an empty line."""
    screen, widest = console(), max(map(len, columns))
    if title:
        screen.print(title, style="bold")
    for row in rows:
        for name, cell in zip(columns, row, strict=True):
            if cell is not None and str(cell):
                screen.print(f"{name:{widest}}  {printable(str(cell))}")
        screen.print()


@contextmanager
def progress_bar() -> Iterator[Callable[[str], Progress]]:
    """What the engine reports the steps of a pair to, by its name: a line each at a terminal, nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda _pair: Unwatched()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield lambda pair: _Line(bars, pair)


class _Line:
    """The line of one pair: its phase and how much of it is done. It appears with the first step."""

    def __init__(self, bars: Any, pair: str) -> None:
        self._bars, self._pair = bars, pair
        self._task: Any = None
        self._phase = ""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Shows a step; a phase that is new begins at nothing."""
        described = f"{printable(self._pair)}: {phase}"
        if self._task is None:
            self._task = self._bars.add_task(described, total=total)
        elif phase != self._phase:
            self._bars.reset(self._task, description=described, total=total)
        self._phase = phase
        self._bars.update(self._task, completed=done, total=total)


class Unwatched:
    """Progress that nobody watches."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Nothing."""


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago, in words: `3 min ago`."""
    return "never" if then is None else f"{span(now - then)} ago"


def drop_stdout() -> None:
    """After the reader of a pipe went away: whatever is still buffered goes nowhere, without a complaint at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
