"""What commands print: tables and sentences for people on stdout, one JSON object for programs, the rest on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from syncer.context import Progress


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
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=not _speaks_unicode(), default=str) + "\n")


def printable(text: str) -> str:
    """Text of a tracker without control characters, so that an issue's title cannot drive a terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "�" for letter in text)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; nothing when there are no rows."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    drawn = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        drawn.add_column(name, overflow="fold", min_width=len(name))
    for row in rows:
        drawn.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
    screen = console()
    screen.soft_wrap = False
    screen.print(drawn)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """What the engine reports its steps to: a bar when stderr is a terminal, nothing otherwise."""
    if not sys.stderr.isatty():
        yield Unseen()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        class Seen:
            def step(self, phase: str, done: int, total: int | None) -> None:
                if phase not in tasks:
                    tasks[phase] = bars.add_task(phase, total=total)
                bars.update(tasks[phase], completed=done, total=total)

        yield Seen()


class Unseen:
    """Progress that nobody watches."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Nothing."""


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago, in words: `3 min ago`."""
    return "never" if then is None else f"{span(now - then)} ago"


def span(duration: timedelta) -> str:
    """A duration in its two largest units: `2 h 5 min`."""
    seconds = max(0, round(duration.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 task`, `2 tasks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def drop_stdout() -> None:
    """After the reader of a pipe went away: whatever is still buffered goes nowhere, without a complaint at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _speaks_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
