"""`syncer pause`, `resume`, `unlink`, `link`, `resync`: one item steered by hand; the state keeps who and when."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.failures import CommandFailed
from syncer.commands.opening import find, now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, say
from syncer.core.amounts import moment

if TYPE_CHECKING:
    from syncer.settings import Settings
    from syncer.store import Lease, Store
    from syncer.sync.steering import Spot

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="A key (PAY-7, acme/pay#12) or the address of a page.")]
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for those who read it later.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    add(
        app,
        "pause",
        pause,
        "syncer pause PAY-3",
        "syncer pause acme/pay#12 --until 2026-12-24 --why 'with the client'",
    )
    add(app, "resume", resume, "syncer resume PAY-3", "syncer resume PAY-3 PAY-7 acme/pay#12")
    add(app, "unlink", unlink, "syncer unlink PAY-3 --why 'two tasks by now'")
    add(app, "link", link, "syncer link PAY-3 acme/pay#12")
    add(app, "resync", resync, "syncer resync PAY-3")


def pause(
    key: KeyArgument,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="The day it goes on by itself (YYYY-MM-DD).")
    ] = None,
    why: WhyOption = "",
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Leave one item alone for a while: no run writes to it, to its partner or to their comments.

    What people change meanwhile is carried once it goes on. The label “sync: off” on either side does the same.
    """
    from syncer.sync import steering

    end = None if until is None else _day(until)
    settings = open_settings(config, state, verbose, only=pair)

    def act(spot: Spot, lease: Lease) -> str:
        kept = steering.pause(spot, lease, by=person(), since=now(), why=_line(why), until=end)
        until = f" until {moment(kept.until.astimezone())}" if kept.until is not None else ""
        return f"{spot.called} is paused{until}{f': {kept.why}' if kept.why else ''}"

    _steer(settings, [key], pair, act, json=json, hint=f"It goes on with: syncer resume {key}")


def resume(
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="Keys (PAY-7, acme/pay#12) or the addresses of pages.")
    ],
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Have items go on that were paused. The next sync carries what changed on either side meanwhile."""
    from syncer.sync import steering

    settings = open_settings(config, state, verbose, only=pair)

    def act(spot: Spot, lease: Lease) -> str:
        return f"{spot.called} goes on" if steering.resume(spot, lease) else f"{spot.called} was not paused"

    _steer(settings, keys, pair, act, json=json, hint="The next sync carries what changed: syncer sync")


def unlink(
    key: KeyArgument,
    why: WhyOption = "",
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Keep an item and its partner apart: both stay, and no run writes, creates, adopts or closes anything for them.

    An item without a partner gets none. `syncer link` ends it.
    """
    from syncer.sync import steering

    settings = open_settings(config, state, verbose, only=pair)

    parted: list[str] = []

    def act(spot: Spot, lease: Lease) -> str:
        named = spot.called
        parted.extend(named.split(" = ") if " = " in named else ())
        steering.unlink(spot, lease, by=person(), since=now(), why=_line(why))
        return f"{named.replace(' = ', ' and ')} {'are' if ' = ' in named else 'is'} apart from now on"

    _steer(
        settings, [key], pair, act, json=json,
        hint=lambda: f"To link again: syncer link {' '.join(parted[:2] or ('KEY', 'KEY'))}",
    )  # fmt: skip


def link(
    key: KeyArgument,
    other: Annotated[str, typer.Argument(metavar="KEY", help="The item of the other side.")],
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Link two items that both sides have already. Nothing is overwritten.

    What is equal is in step from now on, what only one of them has is filled in, and what differs waits as a conflict
    with both values.
    """
    from syncer.sync import steering
    from syncer.sync.context import fresh_id

    settings = open_settings(config, state, verbose, only=pair)

    def act(spot: Spot, lease: Lease) -> str:
        partners = [found for found in _spots(spot.store, settings, other, spot.pair) if found.side is not spot.side]
        if not partners:
            raise steering.NotSteered(f"{other} is not known on the {spot.side.other} side of {spot.pair}.")
        steering.link(spot, partners[0], lease, fresh_id(), by=person(), at=now())
        return f"{spot.called} are linked{_while_paused(spot)}"

    hint = "The next sync compares them, and what differs waits with both values: syncer sync, then syncer conflicts"
    _steer(settings, [key], pair, act, json=json, hint=hint)


def resync(
    key: KeyArgument,
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Read one item anew on both sides, with its comments, and have the next sync compare all of its fields.

    It writes to no tracker.
    """
    from syncer.sync import steering
    from syncer.sync.lineage import introduce

    settings = open_settings(config, state, verbose, only=pair)
    with open_store(settings) as store:
        spots = list(_spots(store, settings, key, pair))
        _known(spots, key)
        found: list[dict[str, Any]] = []
        with open_contexts(settings, store, only=pair) as contexts:
            for spot in spots:
                context = next(one for one in contexts if one.name == spot.pair)
                with store.lease(spot.pair, context.identity()) as lease:
                    introduce(context, lease)
                    read = steering.resync(context, lease, spot)
                read_again = f"{spot.called} read again{_while_paused(spot)}"
                found.append(
                    {
                        "pair": spot.pair,
                        "item": spot.called,
                        "done": read_again,
                        "changed": read.changed,
                        "failed": read.failed,
                    }
                )
    if json:
        emit({"read": found})
    for one in [] if json else found:
        changed = f"changed since: {', '.join(one['changed'])}" if one["changed"] else "nothing changed"
        console().print(f"{one['pair']}: {printable(one['done'])}; {printable(changed)}")
        for failure in one["failed"]:
            say(f"{one['pair']}: {failure}")
    say("The next sync compares all of it: syncer sync")


def _while_paused(spot: Spot) -> str:
    """What to add for an item of which nothing is written meanwhile."""
    from syncer.sync.steering import is_paused

    return f", and still paused (syncer resume {spot.item.key})" if is_paused(spot) else ""


def person() -> str:
    """Who gives a command, as this machine calls them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id, as in some containers
        return "an unnamed user"


def _line(text: str) -> str:
    """A remark as one line of printable text."""
    return " ".join(printable(text).split())


def _day(text: str) -> datetime:
    """The beginning of a day by the clock on the wall. Raises BadParameter for what is none, or is past."""
    try:
        day = datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time()).astimezone()  # noqa: DTZ007 - local
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day; write one like 2026-12-24', param_hint="--until") from None
    if day <= now():
        raise typer.BadParameter(f"{text} has begun already", param_hint="--until")
    return day.astimezone(now().tzinfo)


def _spots(store: Store, settings: Settings, key: str, pair: str | None) -> Iterator[Spot]:
    from syncer.sync.steering import Spot

    for configured, side, item in find(store, settings.pairs, key, pair):
        yield Spot(store, configured.name, side, item)


def _known(spots: list[Spot], key: str) -> None:
    if not spots:
        raise CommandFailed(
            "unknown",
            f"{key} is not known; `syncer sync` reads both trackers, and keys are written like PAY-7 or acme/pay#12.",
        )


def _steer(
    settings: Settings,
    keys: Sequence[str],
    pair: str | None,
    act: Callable[[Spot, Lease], str],
    *,
    json: bool,
    hint: str | Callable[[], str],
) -> None:
    """Does something to items in each pair that knows them, under the pair's lease, and says what.

    With a key that no pair knows nothing is done at all; what is refused of one item keeps no other one.
    """
    from syncer.sync.context import fresh_id
    from syncer.sync.steering import NotSteered

    with open_store(settings) as store:
        spots: list[Spot] = []
        for key in dict.fromkeys(keys):
            found = list(_spots(store, settings, key, pair))
            _known(found, key)
            spots += found
        done, refusals = [], []
        for spot in spots:
            with store.lease(spot.pair, fresh_id()) as lease:
                try:
                    done.append({"pair": spot.pair, "item": spot.item.key, "done": act(spot, lease)})
                except NotSteered as refused:
                    refusals.append(str(refused))
    if json and not refusals:
        emit({"steered": done})
        return
    for one in done:
        console().print(f"{one['pair']}: {printable(one['done'])}")
    if refusals:
        raise CommandFailed("refused", "\n".join(refusals))
    say(hint if isinstance(hint, str) else hint())
