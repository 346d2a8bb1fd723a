"""`syncer hooks`: takes webhooks of the trackers as hints that a pair should run soon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.awaiting import once_there
from syncer.commands.exits import Exit
from syncer.commands.extras import lacking, lines_for
from syncer.commands.failures import CommandFailed
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_settings
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import say
from syncer.commands.scheduled import logging_as_configured

if TYPE_CHECKING:
    from syncer.contract.hooks import HookReader
    from syncer.hooks.judging import HookedTracker
    from syncer.settings import Settings
    from syncer.store import Store

PORT = 9470


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "hooks", hooks, "syncer hooks", "syncer hooks --port 9470")


def hooks(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes a free one.")] = PORT,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Take webhooks of the trackers as hints that a pair should run soon, until a signal ends it.

    It serves http://127.0.0.1:9470/hooks/TRACKER; a proxy before it speaks TLS. A delivery is taken where it is signed
    with the tracker's `hook-secret`. It asks that the pairs run which it is about, each at most once a minute, and a
    daemon or worker on the same state runs them. Needs no token of a tracker, and asks them nothing.
    """
    settings = open_settings(config, state, max(verbose, 1), hooks=True)
    if lacking("hooks"):
        raise CommandFailed("extra", *lines_for("hooks"))
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        wrong = f'"{host}" is no address; 0.0.0.0 and :: are all of them'
        raise typer.BadParameter(wrong, param_hint="--host") from None
    if settings.hooks.trusted_proxy and not loopback:
        say("trusted-proxy takes what nobody signed: listen on 127.0.0.1, or give each tracker a hook-secret.")
        raise typer.Exit(Exit.USAGE)
    with logging_as_configured(settings), Interruption(say) as interruption:
        _serve(settings, interruption, host, port)


def _serve(settings: Settings, interruption: Interruption, host: str, port: int) -> None:
    from time import monotonic

    from syncer.hooks.connections import Bounds
    from syncer.hooks.judging import Judge
    from syncer.hooks.pacing import HintPacing
    from syncer.hooks.receiving import Reception
    from syncer.hooks.serving import AddressTaken, HookServer, Receiver
    from syncer.store import KeptStore
    from syncer.store.locks import this_host

    kept = KeptStore(settings.state, now)
    store = once_there(kept.store, interruption)
    if store is None:
        return
    trackers = _trackers(settings, store)
    usable = [one.name for one in trackers if one.secrets or settings.hooks.trusted_proxy]
    for line in _lines(trackers, usable):
        say(line)
    if not usable:
        raise typer.Exit(Exit.USAGE)
    bounds = Bounds(settings.hooks.largest)
    try:
        server = HookServer(host, port, bounds)
    except AddressTaken as taken:
        say(f"{taken}. Choose another --port, or end what listens there.")
        raise typer.Exit(Exit.USAGE) from None
    reception = Reception(f"{this_host()}:{server.port}", HintPacing(monotonic), now)
    server.start(Receiver(Judge(trackers, trusted_proxy=settings.hooks.trusted_proxy), bounds, reception.told))
    shown = f"[{host}]" if ":" in host else host
    say(f"Takes webhooks at http://{shown}:{server.port}/hooks/TRACKER for {', '.join(usable)}.")
    try:
        while not interruption.stop() and server.is_running:
            reception.pass_on(kept.store)
    finally:
        server.stop()
        reception.pass_on(kept.store, 0)


def _trackers(settings: Settings, store: Store) -> list[HookedTracker]:
    """The trackers that send deliveries of their own, each with the pairs that a scope of it belongs to."""
    from syncer.contract.model import Side
    from syncer.hooks.judging import HookedTracker
    from syncer.store.hints import HeardOf

    scheduled = [pair for pair in settings.pairs if pair.schedule is not None]
    heard = store.hints.heard([pair.name for pair in scheduled])
    sides = [(pair, side) for pair in scheduled for side in Side]

    def hooked(name: str, reader: HookReader, secrets: Sequence[bytes]) -> HookedTracker:
        places: dict[str, list[tuple[str, Side]]] = {}
        natives: dict[str, str] = {}
        for pair, side in sides:
            if pair.side(side).tracker == name:
                place = reader.place(pair.side(side).scope)
                places.setdefault(place, []).append((pair.name, side))
                if native := heard.get(pair.name, HeardOf()).natives.get(side):
                    natives[native] = place
        return HookedTracker(name, reader, secrets, places, natives)

    return [
        hooked(name, reader, getattr(table.settings, "hook_secrets", ()))
        for name, table in settings.trackers.items()
        if (reader := getattr(table.kind, "hooks", None)) is not None
    ]


def _lines(trackers: list[HookedTracker], usable: list[str]) -> Iterator[str]:
    """What somebody has to know before the first delivery: whose are refused, and that nobody may be woken."""
    for one in trackers:
        if one.name not in usable:
            yield f"{one.name}: every delivery is refused: it has no hook-secret (openssl rand -hex 32)."
        elif not one.secrets:
            yield f"{one.name}: deliveries are not signed; whoever the proxy lets in can wake its pairs."
        if not one.pairs:
            yield f"{one.name}: no pair of it has a schedule, so that no daemon or worker would run one."
    if not trackers:
        yield "No tracker of this configuration sends webhooks that are understood here."
