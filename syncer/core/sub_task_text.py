"""The list of sub-tasks in the text of a mirror, where they stay on the side of their parent.

It is ours as a footer is: only on a mirror, below a line that names the very item it stands for, and of it only the
lines that we wrote. A line that somebody edited or added there is their text, and so is what the original says too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from syncer.richtext import Block, Document, ListBlock, ListItem, Mark, Paragraph, Run, RunKind, digest, plain_text

MOST_LISTED = 50
"""So many sub-tasks stand in a list; the others are counted."""
_EMPHASIS = frozenset({Mark.EMPHASIS})
_HEAD = "Sub-tasks of "
_MORE = re.compile(r"and \d+ more")
_IN_EVERY_MARKUP = "tasks of"
"""What the source of a list holds, whatever a markup escapes."""
Line = tuple[Block, ...]
"""What stands in one line: the blocks of an item of a list, or one paragraph."""


@dataclass(frozen=True, slots=True)
class ListedTask:
    """What a list shows of one sub-task."""

    key: str
    url: str
    title: str
    state: str
    """As its tracker calls it; empty where that may not be shown."""


@dataclass(frozen=True, slots=True)
class KnownList:
    """What tells a list of ours: the items that its head may name, and the lines that may be ours."""

    addresses: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    """Digests, as the markup of the mirror reads them."""


NO_LIST = KnownList()


def list_blocks(key: str, url: str, tasks: Sequence[ListedTask]) -> tuple[Block, ...]:
    """A list with its head; nothing without sub-tasks."""
    if not tasks:
        return ()
    head = Paragraph((Run(_HEAD, marks=_EMPHASIS), Run(key, marks=_EMPHASIS, link=url), Run(":", marks=_EMPHASIS)))
    items = [_item(Run(task.key, link=task.url), _said(task)) for task in tasks[:MOST_LISTED]]
    if more := len(tasks) - MOST_LISTED:
        items += [_item(Run(f"and {more} more"))] if more > 0 else []
    return head, ListBlock(tuple(items))


def _item(*runs: Run) -> ListItem:
    return ListItem((Paragraph(runs),))


def _said(task: ListedTask) -> Run:
    title = " ".join(task.title.split())
    return Run(f" {title} ({task.state})" if task.state else f" {title}")


def known_list(document: Document) -> KnownList:
    """What tells the list that a document consists of; nothing where its markup does not show it line by line."""
    head = next((address for block in document.blocks if (address := _address(block))), "")
    return KnownList(frozenset({head}), frozenset(map(_digest, _lines(document.blocks)))) if head else NO_LIST


def recorded_list(mirror: Document, original: Document) -> KnownList:
    """What tells the list that a mirror had: what its original said too is text."""
    theirs = {_address(block) for block in original.blocks} - {""}
    heads = [at for at, block in enumerate(mirror.blocks) if _address(block)]
    if not heads or (address := _address(mirror.blocks[heads[-1]])) in theirs:
        return NO_LIST
    said = set(plain_text(original).split("\n"))
    behind = _lines(mirror.blocks[heads[-1] + 1 :])
    return KnownList(
        frozenset({address}), frozenset(_digest(line) for line in behind if plain_text(Document(line)) not in said)
    )


def may_hold_list(source: str) -> bool:
    """Whether it is worth looking for a list in a source."""
    return _IN_EVERY_MARKUP in source


def together(lists: Iterable[KnownList]) -> KnownList:
    """What tells any of several lists."""
    several = list(lists)
    addresses, lines = ([getattr(one, name) for one in several] for name in ("addresses", "lines"))
    return KnownList(frozenset[str]().union(*addresses), frozenset[str]().union(*lines))


def taken_apart(document: Document, known: KnownList) -> tuple[Document, Document]:
    """A document without the list of ours, and that list; what people added to it stays where it was.

    Each line is ours once, where it stands last, wherever people moved it.
    """
    rest: list[Block] = []
    own: list[Block] = []
    left = set(known.lines)
    headed = not known.lines
    for block in reversed(document.blocks):
        if not headed and _address(block) in known.addresses:
            headed = True
            own.append(block)
        elif isinstance(block, ListBlock):
            theirs = [item for item in reversed(block.items) if not _take(item.blocks, left, own)]
            rest += [replace(block, items=tuple(reversed(theirs)))] if theirs else []
        elif not _take((block,), left, own):
            rest.append(block)
    return Document(tuple(reversed(rest))), Document(tuple(reversed(own)))


def _take(line: Line, left: set[str], own: list[Block]) -> bool:
    """Whether a line is one of those left, which are ours: then it is among our own."""
    if not left or not _is_line(line) or (told := _digest(line)) not in left:
        return False
    left.discard(told)
    own += line
    return True


def _lines(blocks: Iterable[Block]) -> Iterator[Line]:
    """What has the form of a line, in the items of lists and in paragraphs: some markups know no lists."""
    for block in blocks:
        found = [item.blocks for item in block.items] if isinstance(block, ListBlock) else [(block,)]
        yield from filter(_is_line, found)


def _is_line(line: Line) -> bool:
    if len(line) != 1 or not isinstance(line[0], Paragraph) or not line[0].runs:
        return False
    return bool(_target(line[0].runs[0])) or _MORE.fullmatch(plain_text(Document(line))) is not None


def _digest(line: Line) -> str:
    return digest(Document(line))


def _target(run: Run) -> str:
    return run.target if run.kind is RunKind.REFERENCE else run.link


def _address(block: Block) -> str:
    """The item that a block names as the head of a list does; empty for any other block."""
    if not isinstance(block, Paragraph):
        return ""
    targets = {target for run in block.runs if (target := _target(run))}
    key = "".join(run.text for run in block.runs if _target(run)).strip()
    words = " ".join("".join(run.text for run in block.runs).split())
    return targets.pop() if len(targets) == 1 and words == f"{_HEAD}{key}:" else ""
