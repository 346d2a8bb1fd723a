"""`syncer check --record`: the shape of what trackers answer, shown, and written where somebody agrees."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from syncer.commands.exits import Exit
from syncer.commands.output import say

if TYPE_CHECKING:
    from syncer.contract.connector import Connector, Page
    from syncer.contract.model import Cursor, Marker, Observed, Ref
    from syncer.settings import PairSettings, Settings
    from syncer.shapes.record import Recording
    from syncer.sync.context import PairContext

_ITEMS: Final = 200
"""Items of a side that a sample has room for, oldest change first; as many again of the latest."""
_REQUESTS: Final = 30
"""Requests after which a sample is large enough, whatever it holds."""
_EACH: Final = 3
"""Items of each kind that are read one by one."""


class NobodyKnown:
    """A store that holds nothing, so that a connector shows everything it asks for."""

    def observed(self, ref: Ref) -> Observed | None:
        """Nothing."""
        return None

    def comments(self, task: Ref) -> int:
        """None of any task."""
        return 0

    def marker(self, ref: Ref) -> Marker | None:
        """Nothing is linked."""
        return None

    def follows(self, ref: Ref) -> bool:
        """Nothing is linked."""
        return False


@contextmanager
def listening(settings: Settings, contexts: Sequence[PairContext], recording: Recording | None) -> Iterator[None]:
    """Hears every exchange with the trackers of some pairs, and at the end asks for a sample of what a sync reads."""
    from syncer.contract.errors import TrackerError
    from syncer.contract.model import Side
    from syncer.contract.recording import Recordable

    if recording is None:
        yield
        return
    heard: list[tuple[str, Connector, Cursor | None]] = []
    for context in contexts:
        for side in Side:
            connector, scope = context.connectors[side], _pair(settings, context.name).side(side)
            listener = recording.listener(scope.tracker, scope.kind.name)
            if listener is None or not isinstance(connector, Recordable):
                say(f"{context.addresses[side]}: the shape of a {scope.kind.name} cannot be recorded")
                continue
            connector.hear(listener)
            stored = context.store.pairs.side(context.name, side)
            heard.append((scope.tracker, connector, None if stored is None else stored.cursor))
    yield
    for name, connector, cursor in heard:
        sample(connector, cursor)
        if isinstance(connector, Recordable):
            with suppress(TrackerError):
                recording.introduce(name, connector.product())


def _pair(settings: Settings, name: str) -> PairSettings:
    return next(pair for pair in settings.pairs if pair.name == name)


def sample(connector: Connector, cursor: Cursor | None) -> None:
    """Asks for a sample of everything that a sync and a report read. What fails is an answer, too."""
    from syncer.contract.errors import TrackerError
    from syncer.contract.history import Historian
    from syncer.contract.model import Kind
    from syncer.contract.roster import Rostered

    shown: list[Observed] = []
    with suppress(TrackerError):
        shown += _some(connector, connector.changes(None, NobodyKnown()))
    with suppress(TrackerError):
        shown += _some(connector, connector.changes(cursor, NobodyKnown())) if cursor else []
    few = {kind: [item for item in shown if item.kind is kind][-_EACH:] for kind in Kind}
    for items in few.values():
        with suppress(TrackerError):
            connector.read(items)
    if isinstance(connector, Historian) and few[Kind.TASK]:
        with suppress(TrackerError):
            next(connector.history(few[Kind.TASK]), None)
    if isinstance(connector, Rostered):
        with suppress(TrackerError):
            connector.roster()


def _some(connector: Connector, pages: Iterator[Page]) -> list[Observed]:
    """The items of as many pages as a sample has room for."""
    begun = connector.requests
    items: list[Observed] = []
    for page in pages:
        items += page.observed
        if len(items) >= _ITEMS or connector.requests - begun >= _REQUESTS:
            break
    return items


def refuse_existing(file: Path) -> None:
    """Ends the command before anything is asked, where the file cannot be written anyway."""
    if os.path.lexists(file):
        _end(f"{file} exists already; name another file, or remove it.")
    if not file.absolute().parent.is_dir():
        _end(f"{file} cannot be written: there is no folder {file.absolute().parent}.")


def offer(recording: Recording, file: Path, *, yes: bool) -> None:
    """Shows a record as it would stand in a file, and writes it where somebody agrees."""
    text = recording.text()
    typer.echo(text, nl=False)
    say(
        "This is all that the file will hold: names that the vendors' documents have, types, classes of length."
        " It is sent nowhere."
    )
    if not yes:
        if not sys.stdin.isatty():
            _end("Nothing was written. Without a terminal, say that you mean it: add --yes")
        if not typer.confirm(f"Write it to {file}?", err=True):
            say("Nothing was written.")
            return
    _write(file, text)
    say(f"Wrote {file}; only you can read it. To try it: syncer sandbox --profile {file}")


def _write(file: Path, text: str) -> None:
    """Creates the file, which only its owner can read, whatever the umask."""
    from syncer.store.place import private_file

    try:
        with os.fdopen(private_file(file, exclusive=True), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        _end(f"{file} cannot be written: {error.strerror}")


def _end(message: str) -> None:
    say(message)
    raise typer.Exit(Exit.USAGE)
