"""From the options of a command to open settings, store and pairs, and back to closed ones."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from syncer.commands.interruption import Interruption
from syncer.commands.loading import loading
from syncer.commands.output import progress_bar, say

if TYPE_CHECKING:
    from syncer.contract.line import TrackerLines
    from syncer.contract.model import Observed, Side
    from syncer.settings import PairSettings, Settings
    from syncer.store import Store
    from syncer.sync.context import AudienceCache, PairContext, Progress


AT_ONCE = 8
"""Requests that create on their way to a tracker that takes several; the limits that it tells slow them down."""


def now() -> datetime:
    """The clock of the product: aware, UTC."""
    return datetime.now(UTC)


def open_settings(
    config: Path | None, state: str | None, verbose: int = 0, *, only: str | None = None, alone: bool = False,
    checks: bool = False, hooks: bool = False,
) -> Settings:  # fmt: skip
    """The valid configuration, with logging switched on as it says. Raises Misconfigured, also for an unknown pair.

    `alone` looks at the file without the secrets that belong to it, `hooks` with those of webhooks alone. At a terminal
    former keys are named, unless the caller `checks` and says it with more words.
    """
    with loading():
        from syncer.app.logs import switch_on
        from syncer.settings import Misconfigured, Problem, load, locate

        file = locate(config, os.environ, Path.cwd())
        settings = load(file, environment=os.environ, state=state, alone=alone, hooks=hooks)
    switch_on(settings.log.level or "warning", settings.log.format, verbose)
    if sys.stderr.isatty() and not checks:
        for line, _ in settings.former_keys:
            say(line)
    if only is not None and settings.pair(only) is None:
        names = ", ".join(pair.name for pair in settings.pairs)
        raise Misconfigured([Problem("--pair", f'there is no pair "{only}"; configured: {names}')])
    return settings


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The state, open."""
    from syncer.store import Store

    with Store.open(settings.state, clock=now) as store:
        yield store


@contextmanager
def open_contexts(
    settings: Settings,
    store: Store,
    *,
    only: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[str], Progress] | None = None,
    answers: AudienceCache | None = None,
    lines: TrackerLines | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[list[PairContext]]:
    """The pairs, ready to run; their connectors are closed at the end.

    What one of them finds out about a tracker the others know by `lines`.
    """
    from syncer.app.logs import tame_libraries
    from syncer.app.wiring import open_pairs
    from syncer.contract.connector import Interruptible, Sharing
    from syncer.contract.line import TrackerLines

    shared = lines or TrackerLines()
    contexts = open_pairs(settings, store, only=only, clock=now, sleep=sleep, answers=answers)
    tame_libraries()  # they were imported just now
    shared.look(credential for context in contexts for credential in context.credentials.values())
    for context in contexts:
        for side, connector in context.connectors.items():
            if isinstance(connector, Interruptible):
                connector.heed(stop)
            if isinstance(connector, Sharing):
                connector.share(shared.of(context.credentials[side]))
    try:
        yield [
            replace(
                context,
                stop=stop,
                at_once=at_once,
                progress=context.progress if progress is None else progress(context.name),
            )
            for context in contexts
        ]
    finally:
        for context in contexts:
            for connector in context.connectors.values():
                connector.close()


@dataclass(frozen=True, slots=True)
class Running:
    """Everything open for work on the trackers."""

    store: Store
    contexts: Sequence[PairContext]
    interruption: Interruption
    lines: TrackerLines


@contextmanager
def running(settings: Settings, *, only: str | None, at_once: int = AT_ONCE) -> Iterator[Running]:
    """Store and pairs, with progress on a terminal and signals remembered instead of raised.

    Where a signal ended the work, the block ends quietly: ask `interruption.code` afterwards.
    """
    from syncer.contract.line import TrackerLines

    lines = TrackerLines()
    with ExitStack() as stack:
        with loading():
            import syncer.sync.run  # noqa: F401 - what every pair needs

            store = stack.enter_context(open_store(settings))
            store.require_clock()
            interruption = stack.enter_context(Interruption(say))
            progress = stack.enter_context(progress_bar())
            opened = open_contexts(
                settings, store, only=only, sleep=interruption.sleep, stop=interruption.stop, progress=progress,
                lines=lines, at_once=at_once,
            )  # fmt: skip
            contexts = stack.enter_context(opened)
        with interruption.ending():
            yield Running(store, contexts, interruption, lines)


def find(
    store: Store, pairs: Sequence[PairSettings], text: str, only: str | None
) -> Iterator[tuple[PairSettings, Side, Observed]]:
    """The items that people call by a key or address, pair by pair; case does not matter where keys have one case."""
    from syncer.contract.model import Side

    for pair in pairs:
        for side in Side:
            if only not in {None, pair.name}:
                continue
            item = (
                store.observed.by_url(pair.name, side, text)
                if "://" in text
                else next(
                    (
                        one
                        for key in dict.fromkeys((text, text.upper(), text.lower()))
                        if (one := store.observed.by_key(pair.name, side, key)) is not None
                    ),
                    None,
                )
            )
            if item is not None:
                yield pair, side, item
