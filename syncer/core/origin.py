"""Where a mirrored text comes from: the header of a comment and the footer of a task, written and told again.

`wrap` also places the list of a task's sub-tasks, which stands before the footer.

A header or footer is ours only on the mirror, at the place where we write it, once, and where it names the very item
that the mirror stands for. Whatever else reads like one is somebody's text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from syncer.contract.model import Kind, Observed, Side
from syncer.core.rules import PairRules
from syncer.core.sub_task_text import ListedTask, list_blocks
from syncer.richtext import Block, Document, Mark, Paragraph, Run, RunKind

SYNCED_FROM = "Synced from "
_FOOTER = re.compile(r"(?:Moved(?: to \S+)?\.\s+)?Synced from")
COMMENTED_ON = " commented on "
_WHEN = re.compile(r"· \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC")
_PLACES = re.compile(r"\{\w+\}")
EMPHASIS = frozenset({Mark.EMPHASIS})
STRONG = frozenset({Mark.STRONG})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a mirrored text comes from, for its header or footer."""

    kind: Kind
    author: str
    key: str
    url: str
    """Empty when the original is gone."""
    at: datetime
    shown: bool = True
    """Whether a header or footer is written."""
    said: str = ""
    """What the template of the pair makes of the author; empty: as usual, in bold and with "commented on"."""
    moved: tuple[str, str] | None = None
    """The item moved on: key and address of what it has in the other place, both empty where that is not to be told."""
    recorded: tuple[str, str] | None = None
    """The sources of the mirror and of its original when both last agreed: a header that only the mirror had then is
    ours, though the original has another address by now.
    """
    listed: tuple[ListedTask, ...] = ()
    """The sub-tasks that stand in the text of the mirror."""
    sent: str = ""
    """The source that the mirror was asked to show and was not seen to show yet."""


Origins = Mapping[Side, Origin | None]
"""What the text of each side is the mirror of; None where it is the original, or where that is not known."""
NO_ORIGINS: Origins = MappingProxyType(dict.fromkeys(Side))


def origin_of(rules: PairRules, side: Side, item: Observed, task_key: str) -> Origin:
    """The origin that the mirror of an item of `side` names; `task_key` is the task a comment belongs to."""
    author = _author(rules, side, item)
    said = rules.attribution and attributed(rules.attribution, author, rules.trackers.get(side, ""))
    return Origin(item.kind, author, task_key, item.url, item.created, said=said)


def attributed(template: str, name: str, tracker: str) -> str:
    """A template with the name of an author and of a tracker filled in: neither is read as a template itself."""
    filled = {"{name}": name, "{tracker}": tracker}
    return _PLACES.sub(lambda found: filled.get(found[0], found[0]), template).strip()


def _author(rules: PairRules, side: Side, item: Observed) -> str:
    """The name people know an author by: from the people map, else as the tracker names them."""
    if item.author is None:
        return "Someone"
    account = item.author.id.casefold()
    mapped = (person.name for person in rules.people if person.accounts.get(side, "").casefold() == account)
    return next(mapped, item.author.name or item.author.id)


def wrap(document: Document, origin: Origin | None) -> Document:
    """The document with its header (a comment), or with its list of sub-tasks and footer (a task), in place."""
    if origin is not None and origin.listed:
        document = Document((*document.blocks, *list_blocks(origin.key, origin.url, origin.listed)))
    if origin is None or not origin.shown:
        return document
    key = Run(origin.key, link=origin.url)
    if origin.kind is Kind.COMMENT:
        when = Run(f" · {origin.at:%Y-%m-%d %H:%M} UTC")
        usual = (Run(origin.author, marks=STRONG), Run(COMMENTED_ON))
        header = Paragraph((*((Run(f"{origin.said} "),) if origin.said else usual), key, when))
        return Document((header, *document.blocks))
    synced = (Run(SYNCED_FROM, marks=EMPHASIS), Run(origin.key, marks=EMPHASIS, link=origin.url))
    footer = Paragraph((*_moved(origin.moved), *synced))
    return Document((*document.blocks, footer))


def _moved(to: tuple[str, str] | None) -> tuple[Run, ...]:
    """What is said in a footer before the origin once the item moved on."""
    if to is None:
        return ()
    key, url = to
    if not key:
        return (Run("Moved. ", marks=EMPHASIS),)
    return Run("Moved to ", marks=EMPHASIS), Run(key, marks=EMPHASIS, link=url), Run(". ", marks=EMPHASIS)


def unwrap(
    document: Document, kind: Kind, addresses: Collection[str], written: str = "", *, worded: bool = False
) -> Document:
    """The document without the header or footer that `wrap` gave it, which names one of the addresses.

    `worded` says that a header may have other words than the usual ones, by a template of today or of former days.
    People write below a footer: one that names the address in `written`, which the mirror ended with when both sides
    last agreed, is ours wherever it stands once.
    """
    blocks = document.blocks
    if named_in(document, kind, worded=worded) in addresses:
        return Document(blocks[1:] if kind is Kind.COMMENT else blocks[:-1])
    inside = [at for at, block in enumerate(blocks) if written and named_by(block, kind) == written]
    if kind is Kind.COMMENT or len(inside) != 1:
        return document
    return Document((*blocks[: inside[0]], *blocks[inside[0] + 1 :]))


def named_in(document: Document, kind: Kind, *, worded: bool = False) -> str:
    """The address that a header or footer names; empty where there is nothing of that form at its place."""
    if not document.blocks:
        return ""
    return named_by(document.blocks[0 if kind is Kind.COMMENT else -1], kind, worded=worded)


def named_by(block: Block, kind: Kind, *, worded: bool = False) -> str:
    """The address that one block names as a header or footer; empty where it is neither."""
    if not isinstance(block, Paragraph):
        return ""
    before, address, after = _around_link(block.runs)
    if kind is Kind.COMMENT:
        usual = worded or before.rstrip().endswith(COMMENTED_ON.strip())
        ours = usual and _WHEN.fullmatch(after.strip()) is not None
    else:
        ours = _FOOTER.fullmatch(before.strip()) is not None and not after.strip()
    return address if ours else ""


def _around_link(runs: Sequence[Run]) -> tuple[str, str, str]:
    """The last address that runs point to, with the words before and after it; all empty where there is none."""
    pointing = [at for at, run in enumerate(runs) if _address(run)]
    if not pointing:
        return "", "", ""
    first = last = pointing[-1]
    address = _address(runs[last])
    while first > 0 and _address(runs[first - 1]) == address:
        first -= 1
    before, after = ("".join(run.text for run in part) for part in (runs[:first], runs[last + 1 :]))
    return before, address, after


def _address(run: Run) -> str:
    return run.target if run.kind is RunKind.REFERENCE else run.link
