"""What `syncer check` says of boards: iterations that overlap, and how much it costs to read one. Reads only.

Fields that are not there, or are of a wrong kind, the engine names: `declared` tells them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import Final

from connectors.github.boards import Boards
from connectors.github.boards_fields import BoardField, BoardOption
from connectors.github.boards_reading import Board
from connectors.github.paging import PAGE
from syncer.contract.checking import Finding, Severity
from syncer.contract.custom import CustomType
from syncer.contract.errors import TrackerError

_SHARE: Final = 500
"""Requests of an hour that may go into reading one board: a tenth of what GitHub gives the usual account."""
_AN_HOUR: Final = {"run": 60.0, "1h": 1.0, "24h": 1 / 24}
"""How often a board is read in an hour; a run each minute is taken for the most."""


def findings(boards: Boards, every: str) -> Iterator[Finding]:
    """What is to be said of the boards that a pair declares fields of; `every` is what `edges-every` says."""
    for board in boards.boards:
        try:
            if board.held():
                yield from _of_the_iterations(board)
                yield from _of_the_size(board, every)
        except TrackerError as error:
            yield Finding.of_failure(board.name, error)


def _of_the_iterations(board: Board) -> Iterator[Finding]:
    fields = (field for field in board.held().values() if field.type is CustomType.SPRINT)
    for field in dict.fromkeys(fields):
        yield from (
            Finding(
                Severity.WARNING,
                f"{field.name} of {board.name}",
                message,
                "Move or rename one of them in the settings of the field.",
            )
            for message in (*_overlaps(field), *_namesakes(field))
        )


def _overlaps(field: BoardField) -> Iterator[str]:
    dated = sorted((one for one in field.options if one.start is not None and not one.over), key=_begins)
    for one, following in pairwise(dated):
        if _begins(following) < _begins(one) + one.days:
            yield f'the iterations "{one.name}" and "{following.name}" overlap: such a day is in two sprints'


def _namesakes(field: BoardField) -> Iterator[str]:
    names = Counter(one.name for one in field.options if not one.over)
    for name in (name for name, times in names.items() if times > 1):
        yield f'several iterations are called "{name}": only the first of them is written'


def _begins(option: BoardOption) -> int:
    return option.start.toordinal() if option.start is not None else 0


def _of_the_size(board: Board, every: str) -> Iterator[Finding]:
    items = sum(len(page) for page in board.read(None))
    requests = ceil(items / PAGE)
    if requests * _AN_HOUR[every] <= _SHARE:
        return
    fitting = next((period for period, often in _AN_HOUR.items() if requests * often <= _SHARE), "24h")
    yield Finding(
        Severity.WARNING,
        board.name,
        f'has {items:,} issues: reading it takes {requests} requests, too many for edges-every = "{every}"',
        f'Set edges-every = "{fitting}" for the tracker.',
    )
