"""`syncer adopt`: items that both sides already have become links."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.failures import CommandFailed
from syncer.commands.interruption import CommandInterrupted
from syncer.commands.naming_fields import field_named
from syncer.commands.opening import open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, say, table
from syncer.commands.recording import refuse_existing
from syncer.commands.steering import person
from syncer.commands.twin_list import MISTAKES, listed, title_of, write_list
from syncer.core.amounts import plural
from syncer.core.matching import SURE

if TYPE_CHECKING:
    from syncer.contract.model import Field
    from syncer.settings import Settings
    from syncer.store import Lease
    from syncer.sync.adopt import Preferences
    from syncer.sync.context import PairContext
    from syncer.sync.twins import TwinPair, Twins

_SHOWN = 50
"""Proposals that people still read at a terminal; `--csv` and `--json` have all of them."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "adopt",
        adopt,
        "syncer adopt --pair payments",
        "syncer adopt --pair payments --accept 0.95",
        "syncer adopt --pair payments --csv links.csv",
        "syncer adopt --pair payments --import links.csv --prefer newest --prefer title=left",
        "syncer adopt --pair payments --apart",
    )


def adopt(
    pair: PairOption = None,
    accept: Annotated[
        float | None,
        typer.Option("--accept", metavar="SCORE", min=0.5, max=1.0, help="Link what is at least so likely: 0.95."),
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the proposals to FILE.")] = None,
    list_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Link what FILE names: a CSV file with columns left and right."),
    ] = None,
    apart: Annotated[
        bool, typer.Option("--apart", help="Keep apart what looks alike and is not linked; it is not asked again.")
    ] = False,
    prefer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[FIELD=]SIDE",
            help="left, right or newest: which value stands where both differ. For one field: title=left.",
        ),
    ] = None,
    remote_links: Annotated[
        bool, typer.Option("--remote-links/--no-remote-links", help="Ask for the remote links of each unsure item.")
    ] = True,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Link items that both sides already have, so that a first sync does not double them.

    Reads both sides completely and proposes what is probably one, with a score and its reasons: keys and addresses of
    the other side, what other tools wrote, titles, texts, dates, people, files and comments. At a terminal it asks;
    otherwise it shows. Nothing is linked unless you say so.

    Adopting writes links only, and to no tracker. It tells before in how many items each field differs. Equal values
    count as agreed, the next sync fills what one side lacks, and the rest waits with both values (`syncer conflicts`),
    unless --prefer says which value stands.
    """
    wanted = Wanted(accept, csv, list_, apart=apart, remote_links=remote_links, json=json)
    if csv is not None:
        refuse_existing(csv)
    settings = open_settings(config, state, verbose, only=pair)
    preferences = preferences_of(settings, prefer or [])
    if pair is None and len(settings.pairs) > 1:
        names = ", ".join(each.name for each in settings.pairs)
        raise typer.BadParameter(f"name one of {names}", param_hint="--pair")
    told: list[Told] = []
    with running(settings, only=pair) as work:
        ask = not json and sys.stdin.isatty()
        told += [_adopt_pair(context, wanted, preferences, ask=ask) for context in work.contexts]
    if work.interruption.code is not None:
        raise CommandInterrupted(work.interruption.code)
    if json:
        emit({"pairs": [one.as_json() for one in told]})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask for."""

    accept: float | None
    csv: Path | None
    list: Path | None
    apart: bool
    remote_links: bool
    json: bool

    @property
    def nothing(self) -> bool:
        """Whether nothing but a look is asked for."""
        return self.accept is None and self.csv is None and self.list is None and not self.apart


@dataclass(slots=True)
class Told:
    """What was done with a pair."""

    twins: Twins
    linked: list[TwinPair] = field(default_factory=list)
    comments: int = 0
    apart: int = 0
    remaining: list[TwinPair] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of the pair in `adopt --json`."""
        return {
            "name": self.twins.pair,
            "unlinked": {side.value: count for side, count in self.twins.unlinked.items()},
            "proposals": [_as_json(twin) for twin in self.twins.twins],
            "linked": len(self.linked),
            "comments": self.comments,
            "apart": self.apart,
            "remaining": len(self.remaining),
            "differing": {str(name): count for name, count in self.twins.differing(self.linked).items()},
            "filled": {str(name): count for name, count in self.twins.filling(self.linked).items()},
            "unasked": self.twins.unasked,
        }


def preferences_of(settings: Settings, options: Sequence[str]) -> Preferences:
    """What `--prefer` says, by field; under None for all others. Raises BadParameter."""
    from syncer.core.rules import Policy

    found: dict[Field | None, Policy] = {}
    for option in options:
        name, sign, word = option.rpartition("=")
        known = [policy.value for policy in Policy if policy is not Policy.ASK]
        if word not in known:
            raise typer.BadParameter(f'"{word}" is not one of {", ".join(known)}', param_hint="--prefer")
        chosen = field_named(settings, name, "--prefer") if sign else None
        if chosen in found and found[chosen] is not Policy(word):
            raise typer.BadParameter(f'"{option}" contradicts an earlier --prefer', param_hint="--prefer")
        found[chosen] = Policy(word)
    return found


def _adopt_pair(context: PairContext, wanted: Wanted, prefer: Preferences, *, ask: bool) -> Told:
    from syncer.sync.adopt import read_both
    from syncer.sync.preview import leased
    from syncer.sync.twins import Twins, find_twins, with_differences

    with leased(context) as lease:
        read_both(context, lease)
        if wanted.list is not None:
            twins = Twins(context.name, listed(context, wanted.list))
        else:
            twins = find_twins(context, ask_links=wanted.remote_links)
        twins = replace(twins, twins=list(with_differences(context, twins.twins)))
        told = Told(twins)
        if not (ask and wanted.nothing):
            return _as_wanted(context, lease, told, wanted, prefer)
    # A person takes their time: the pair is free meanwhile, and what they chose is looked at again.
    chosen, apart = _review(told, prefer)
    with leased(context) as lease:
        _link(context, lease, told, chosen, prefer)
        _keep_apart(context, lease, told, apart)
    _tell_rest(told)
    return told


def _as_wanted(context: PairContext, lease: Lease, told: Told, wanted: Wanted, prefer: Preferences) -> Told:
    """What the options ask for, without a question."""
    proposed = told.twins.twins
    if wanted.csv is not None:
        write_list(wanted.csv, told.twins)
    if wanted.nothing and not wanted.json:
        _show(told.twins)
    chosen = proposed if wanted.list is not None else []
    if wanted.accept is not None and wanted.list is None:
        chosen = [twin for twin in proposed if twin.score >= wanted.accept]
    if wanted.list is not None or wanted.accept is not None:
        _announce(told.twins, chosen, prefer)
        _link(context, lease, told, chosen, prefer)
    linked = {twin.left.ref for twin in told.linked}
    told.remaining = [twin for twin in proposed if twin.left.ref not in linked]
    if wanted.apart:
        _keep_apart(context, lease, told, told.remaining)
    _tell_rest(told)
    return told


# --- doing


def _link(context: PairContext, lease: Lease, told: Told, chosen: Sequence[TwinPair], prefer: Preferences) -> None:
    from syncer.sync.adopt import NotAdoptable, adopt

    if not chosen:
        return
    try:
        adopted = adopt(context, lease, chosen, prefer)
    except NotAdoptable as error:
        raise CommandFailed("changed", "Nothing was linked:", *error.sentences[:MISTAKES]) from None
    told.linked, told.comments = [*told.linked, *chosen], told.comments + adopted.comments
    comments = f", and {plural(adopted.comments, 'comment')}" if adopted.comments else ""
    say(f"{context.name}: linked {plural(adopted.tasks, 'task')}{comments}. Nothing was written to a tracker.")


def _keep_apart(context: PairContext, lease: Lease, told: Told, twins: Sequence[TwinPair]) -> None:
    from syncer.sync.adopt import set_apart

    if twins:
        told.apart += set_apart(context, lease, twins, by=person(), why="they look alike and are not one")
        kept = {twin.left.ref for twin in twins}
        told.remaining = [twin for twin in told.remaining if twin.left.ref not in kept]
        items = plural(told.apart, "item is", "items are")
        say(f"{context.name}: {items} kept apart: no sync creates, links or closes anything for them.")
        for twin in twins[:_SHOWN]:
            say(f"  {twin.left.key} and {twin.right.key}  {title_of(twin.left)}")
        if len(twins) > _SHOWN:
            say(f"  … and {len(twins) - _SHOWN} more (syncer status --json lists all)")


# --- asking


def _review(told: Told, prefer: Preferences) -> tuple[list[TwinPair], list[TwinPair]]:
    """What a person wants linked, and what kept apart."""
    twins = told.twins.twins
    _show(told.twins, limit=0)
    sure = [twin for twin in twins if twin.sure]
    chosen: list[TwinPair] = []
    looked_at = [twin for twin in twins if not twin.sure]
    if sure:
        _announce(told.twins, sure, prefer)
        if typer.confirm(f"Link these {len(sure)} (no: look at each)?", default=True, err=True):
            chosen += sure
        else:
            looked_at = twins
    apart: list[TwinPair] = []
    for place, twin in enumerate(looked_at, start=1):
        answer = _ask(twin, f"{place} of {len(looked_at)}")
        if answer == "q":
            break
        if answer == "y":
            chosen.append(twin)
        elif answer == "a":
            apart.append(twin)
    linked = {twin.left.ref for twin in chosen}
    told.remaining = [twin for twin in twins if twin.left.ref not in linked]
    return chosen, apart


def _ask(twin: TwinPair, place: str) -> str:
    say(f"\n{place}: {twin.score:.2f}  {'; '.join(twin.reasons) or 'some words in common'}")
    say(f"  {twin.left.key}  {title_of(twin.left)}  {twin.left.url}")
    say(f"  {twin.right.key}  {title_of(twin.right)}  {twin.right.url}")
    if twin.conflicts:
        say(f"  differ and would wait: {', '.join(twin.conflicts)}")
    while True:
        answer = str(typer.prompt("Are they one? [y]es, [n]o, keep [a]part, [q]uit", default="n", err=True))
        if answer[:1].casefold() in "ynaq":
            return answer[:1].casefold()


# --- telling


def _announce(twins: Twins, chosen: Sequence[TwinPair], prefer: Preferences) -> None:
    """In how many items each field differs, before they are linked."""
    if not chosen:
        say(f"{twins.pair}: nothing is to be linked.")
        return
    waits, filled = twins.differing(chosen), twins.filling(chosen)
    then = "are taken as --prefer says, else wait" if prefer else "would wait for a decision"
    say(f"{twins.pair}: of {plural(len(chosen), 'task')}, these fields differ and {then}: {_counted(waits)}.")
    say(f"{twins.pair}: these are empty on one side, and the next sync fills them in: {_counted(filled)}.")
    if waits and not prefer:
        say(f"{twins.pair}: to decide them now, add --prefer newest (left, right), or --prefer title=left")


def _counted(fields: Counter[Field]) -> str:
    return ", ".join(f"{name} {count}" for name, count in fields.most_common()) or "none"


def _show(twins: Twins, limit: int = _SHOWN) -> None:
    screen = console()
    sure = sum(twin.sure for twin in twins.twins)
    unlinked = ", ".join(f"{count} {side}" for side, count in twins.unlinked.items())
    screen.print(
        f"{twins.pair}: {unlinked} without a link; {len(twins.twins)} probably exist on both sides,"
        f" {sure} of them surely (score {SURE} and more)"
    )
    for sentence in twins.unasked:
        screen.print(f"  {printable(sentence)}")
    rows = [(f"{twin.score:.2f}", twin.left.key, twin.right.key, title_of(twin.left), "; ".join(twin.reasons))
            for twin in twins.twins[:limit]]  # fmt: skip
    table("", ("score", "left", "right", "title", "why"), rows)
    if limit and len(twins.twins) > limit:
        screen.print(f"  … and {len(twins.twins) - limit} more (--csv and --json show all)")


def _tell_rest(told: Told) -> None:
    """What to do next."""
    name = told.twins.pair
    if told.remaining:
        sure = sum(twin.sure for twin in told.remaining)
        say(f"{name}: {plural(len(told.remaining), 'pair')} that look alike are not linked. To go on:")
        if sure:
            say(f"  syncer adopt --pair {name} --accept {SURE}   # links the {sure} that are sure")
        say(f"  syncer adopt --pair {name} --csv links.csv   # to look through them; then --import links.csv")
        say(f"  syncer adopt --pair {name} --apart   # not one: each stays on its side, asked once")
    elif told.linked or not told.twins.twins:
        say(f"Next: syncer preview --pair {name}")


def _as_json(twin: TwinPair) -> dict[str, Any]:
    return {
        "left": {"key": twin.left.key, "url": twin.left.url, "title": title_of(twin.left)},
        "right": {"key": twin.right.key, "url": twin.right.url, "title": title_of(twin.right)},
        "score": twin.score,
        "sure": twin.sure,
        "reasons": list(twin.reasons),
        "comments": len(twin.comments),
        "would_wait": [str(name) for name in twin.conflicts],
        "would_fill": [str(name) for name in twin.filled],
    }
