"""The list of proposed links that a person edits: written by `syncer adopt --csv`, read again by `--import`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from syncer.commands.failures import CommandFailed
from syncer.commands.output import printable, say
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.contract.model import Observed
    from syncer.sync.context import PairContext
    from syncer.sync.twins import TwinPair, Twins

MISTAKES = 20
"""So many are shown; who has more mends these first."""
LARGEST = 32 * 2**20
"""Bytes of a file that may be a list of links."""


def listed(context: PairContext, file: Path) -> list[TwinPair]:
    """The items that a list names, once they are read. What is linked so already is passed over."""
    from syncer.contract.model import Side
    from syncer.core.link_list import ListMistakes, read
    from syncer.sync.adopt import lookup_of
    from syncer.sync.twins import twin_of

    try:
        found = read(_text(file), lookup_of(context), context.addresses)
    except ListMistakes as mistakes:
        raise CommandFailed("list", *_some(file, mistakes.sentences)) from None
    twins, wrong = [], []
    for one in found:
        links = {side: context.store.links.of_item(context.name, side, item.ref)
                 for side, item in ((Side.LEFT, one.left), (Side.RIGHT, one.right))}  # fmt: skip
        linked = {side: link.id for side, link in links.items() if link is not None}
        if not linked:
            twins.append(twin_of(context, one.left, one.right, f"line {one.line} of {file.name}"))
        elif len(set(linked.values())) > 1 or len(linked) < len(Side):
            keys = " and ".join(
                item.key for side, item in ((Side.LEFT, one.left), (Side.RIGHT, one.right)) if side in linked
            )
            wrong.append(
                f"line {one.line}: {keys} {'is' if len(linked) == 1 else 'are'} linked to another item already"
            )
    if wrong:
        raise CommandFailed("list", *_some(file, wrong))
    return twins


def _some(file: Path, sentences: Sequence[str]) -> Iterator[str]:
    yield f"{file}: {plural(len(sentences), 'mistake')}; nothing was linked"
    yield from sentences[:MISTAKES]
    if len(sentences) > MISTAKES:
        yield f"… and {len(sentences) - MISTAKES} more"


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise CommandFailed("list", f"{file}: is larger than {LARGEST // 2**20} MB, which is not a list of links")
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandFailed("list", f"{file}: is not written in UTF-8: save it as CSV UTF-8") from None
    except OSError as error:
        raise CommandFailed("list", f"{file}: cannot be read: {error.strerror}") from None


def write_list(file: Path, twins: Twins) -> None:
    """Writes what is proposed into a new file."""
    from syncer.core.link_list import written
    from syncer.store.place import private_file

    if not twins.twins:
        say(f"{twins.pair}: nothing looks alike; {file} was not written.")
        return
    text = written(_row(twin) for twin in twins.twins)
    try:
        with os.fdopen(private_file(file, exclusive=True), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise CommandFailed("unwritable", f"{file} cannot be written: {error.strerror}") from None
    say(
        f"Wrote {plural(len(twins.twins), 'proposal')} to {file}. Delete the rows that are not one, then:"
        f" syncer adopt --pair {twins.pair} --import {file}"
    )


def _row(twin: TwinPair) -> list[str]:
    return [
        twin.left.key, twin.right.key, f"{twin.score:.4f}", title_of(twin.left), title_of(twin.right),
        ", ".join(twin.conflicts), ", ".join(twin.filled), "; ".join(twin.reasons),
    ]  # fmt: skip


def title_of(item: Observed) -> str:
    """The title of an item in one line, cut where it is long."""
    from syncer.contract.model import Field

    line = " ".join(printable(str(item.showing.get(Field.TITLE) or "")).split())
    return line if len(line) <= 72 else line[:71] + "…"
