"""The canonical form: one spelling for everything that reads the same. Imported through `syncer.contract.text`.

Rules, each with its reason:
- Blanks collapse to one, vanish at the ends of lines, and carry only the marks both neighbours carry: no dialect can
  keep `**a **b` apart from `**a** b`.
- A line break is a run; two in a row begin a new paragraph; in a heading it is a blank.
- Bare addresses are links everywhere; an e-mail address or `www.` host linked to itself is plain text.
- A link to a task's page that shows its key is a reference, one to a profile page that shows `@` is a mention.
- The word joiner U+2060 is how writers make `@name` and `#12` harmless, so it never counts.
- Neighbouring lists of one kind are one list; header cells are not bold; the rows of a table are equally long.

Each function is one pass over its input.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, assert_never

from syncer.contract.document import (
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    children,
    plain_text,
)
from syncer.contract.links import canonical_link, is_profile, issue_key, last_part, names_issue, split_addresses

VERSION = 1
"""Of the canonical form. Digests of two versions are never compared: they are recomputed from the stored source."""

JOINER = "\u2060"
"""WORD JOINER: invisible, breaks a notifying token, never counts."""

PANEL_KINDS = frozenset({"note", "info", "tip", "warning", "caution"})
MAX_DEPTH = 24
"""Deeper nesting becomes plain text: nobody reads it, and it would exhaust the stack."""
MAX_WORK = 5_000
"""Runs, items, cells and active characters of a document, above which its rest becomes one block of code: bounds the
time any dialect needs to write and verify it."""
ACTIVE = "`*_[{<~|!@#^&"
MAX_TABLE_CELLS = 5_000
"""Rows are made equally long up to this many cells in all."""

_NO_MARKS: frozenset[Mark] = frozenset()
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, ord(JOINER), 65279)) | {0: "\ufffd"}
_CONTROL_IN_CODE = {code: mapped for code, mapped in _CONTROL.items() if code < 0x80}
_DIRTY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2060\ufeff\ud800-\udfff]")
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\u2060\ufeff\ud800-\udfff]|  ")
_BLANKS = re.compile(r"[ \t\r]+")
_LANGUAGE = re.compile(r"[^a-z0-9_+#.\-]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c\x1c-\x1e]")
_BOX = {"☐": False, "☑": True, "☒": True, "✅": True}


def normalise(document: Document) -> Document:
    """The canonical form of `document`; normalising it again changes nothing."""
    if document.normal:
        return document
    normal = Document(_within_budget(normal_blocks(document.blocks)))
    object.__setattr__(normal, "normal", True)  # nobody else can make a document that claims to be normal
    return normal


def active(text: str) -> int:
    """How many characters of `text` can begin markup somewhere: what a parser's work grows with."""
    return sum(map(text.count, ACTIVE))


def _within_budget(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks; from where their work exceeds the budget on, their words as one block of code."""
    spent = 0
    for at, block in enumerate(blocks):
        spent += _work(block)
        if spent > MAX_WORK:
            return (*blocks[:at], CodeBlock(_code_text(plain_text(Document(blocks[at:])))))
    return blocks


def _work(block: Block) -> int:
    match block:
        case Paragraph() | Heading():
            return (
                1
                + len(block.runs)
                + sum(active(run.text) for run in block.runs if run.kind is RunKind.TEXT and not run.link)
            )
        case CodeBlock() | Opaque() | Rule():
            return 1
        case _:
            return 1 + sum(1 + sum(map(_work, inner)) for inner in children(block))


def digest(document: Document) -> str:
    """The identity of what a document says: 64 hexadecimal digits, equal for two documents that say the same.

    The name shown for a mention or reference does not count: who and what they point at does.
    """
    said = [VERSION, [essence(block) for block in normalise(document).blocks]]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode("ascii")).hexdigest()


def same(one: Document, other: Document) -> bool:
    """Whether two normalised documents say the same."""
    return one == other or [essence(b) for b in one.blocks] == [essence(b) for b in other.blocks]


def essence(block: Block) -> list[Any]:  # noqa: PLR0911  # one case a shape
    """What counts of a normalised block when two are compared, as nested lists of strings and numbers."""
    match block:
        case Paragraph():
            return ["p", [_run_essence(run) for run in block.runs]]
        case Heading():
            return ["h", block.level, [_run_essence(run) for run in block.runs]]
        case CodeBlock():
            return ["code", block.language, block.text]
        case Quote():
            return ["quote", [essence(inner) for inner in block.blocks]]
        case ListBlock():
            items = [[item.checked, [essence(inner) for inner in item.blocks]] for item in block.items]
            return ["list", block.ordered, block.start if block.ordered else 1, items]
        case Table():
            rows = [[[cell.header, [essence(inner) for inner in cell.blocks]] for cell in row] for row in block.rows]
            return ["table", rows]
        case Panel():
            return ["panel", block.kind, [essence(inner) for inner in block.blocks]]
        case Expand():
            return ["expand", block.title, [essence(inner) for inner in block.blocks]]
        case Rule():
            return ["rule"]
        case Opaque():
            return ["opaque", block.label, block.source]
        case _:
            assert_never(block)


def _run_essence(run: Run) -> list[Any]:
    if run.kind is RunKind.TEXT and not run.marks and not run.link:
        return [run.text]
    shown = "" if run.kind in {RunKind.MENTION, RunKind.REFERENCE} else run.text
    return [run.kind.value, shown, sorted(run.marks), run.link, run.target]


# --- blocks --------------------------------------------------------------------------------------------------------


def normal_blocks(blocks: Iterable[Block], depth: int = 0) -> tuple[Block, ...]:
    """Canonical blocks of one container."""
    return _joined_blocks(normal for block in blocks for normal in _normal_block(block, depth))


def _joined_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Normal blocks in which neighbouring lists of one kind are one list."""
    result: list[Block] = []
    for normal in blocks:
        last = result[-1] if result else None
        if isinstance(normal, ListBlock) and isinstance(last, ListBlock) and last.ordered == normal.ordered:
            result[-1] = replace(last, items=_joined_items((*last.items, *normal.items)))
        else:
            result.append(normal)
    return tuple(result)


def _normal_block(block: Block, depth: int) -> Iterator[Block]:  # noqa: C901, PLR0912  # one case a shape
    if depth > MAX_DEPTH:
        yield from (Paragraph(runs) for runs in normal_lines((Run(plain_text(Document((block,)))),)))
        return
    match block:
        case Paragraph():
            yield from (Paragraph(runs) for runs in normal_lines(block.runs))
        case Heading():
            if runs := one_line(block.runs):
                yield Heading(min(max(block.level, 1), 6), runs)
        case CodeBlock():
            yield CodeBlock(_code_text(block.text), _LANGUAGE.sub("", block.language.lower())[:40])
        case Quote():
            if inner := normal_blocks(block.blocks, depth + 1):
                yield Quote(inner)
        case Panel():
            if inner := normal_blocks(block.blocks, depth + 1):
                yield Panel(block.kind if block.kind in PANEL_KINDS else "info", inner)
        case Expand():
            title = "".join(_plain(run) for run in one_line((Run(block.title),)))
            inner = normal_blocks(block.blocks, depth + 1)
            if inner or title:
                yield Expand(title, inner)
        case ListBlock():
            items = (item for raw in block.items if (item := _normal_item(raw, depth)).blocks)
            if joined := _joined_items(items):
                yield ListBlock(joined, block.ordered, min(max(block.start, 0), 999_999_999) if block.ordered else 1)
        case Table():
            yield from _normal_table(block, depth)
        case Opaque():
            label = "".join(_plain(run) for run in one_line((Run(block.label),)))
            yield Opaque(label or "?", block.source)
        case Rule():
            yield block
        case _:
            assert_never(block)


def _joined_items(items: Iterable[ListItem]) -> tuple[ListItem, ...]:
    """Items in which one that begins with a list belongs to the item before it: wiki markup cannot tell them apart."""
    result: list[ListItem] = []
    for item in items:
        if result and item.checked is None and isinstance(item.blocks[0], ListBlock):
            result[-1] = replace(result[-1], blocks=_joined_blocks((*result[-1].blocks, *item.blocks)))
        else:
            result.append(item)
    return tuple(result)


def _plain(run: Run) -> str:
    return ("@" if run.kind is RunKind.MENTION else "") + run.text


def _normal_item(item: ListItem, depth: int) -> ListItem:
    """The item; a box at its beginning, as wiki markup and mixed ADF lists write it, is lifted to `checked`."""
    blocks = normal_blocks(item.blocks, depth + 1)
    first = blocks[0] if blocks else None
    if item.checked is None and isinstance(first, Paragraph) and first.runs[0].kind is RunKind.TEXT:
        opening = first.runs[0]
        if opening.text[0] in _BOX and opening.text[1:2] in {" ", ""} and not opening.link:
            rest = one_line_breaks((replace(opening, text=opening.text[1:]), *first.runs[1:]))
            kept = (Paragraph(rest), *blocks[1:]) if rest else blocks[1:]
            if kept:
                return ListItem(kept, _BOX[opening.text[0]])
    return ListItem(blocks, item.checked)


def _normal_table(table: Table, depth: int) -> Iterator[Table]:
    rows = [[_normal_cell(cell, depth) for cell in row] for row in table.rows]
    rows = [row for row in rows if row]
    while rows and all(cell.header and not cell.blocks for cell in rows[0]):
        rows = rows[1:]  # Markdown cannot leave the header row out: an empty one stands for none
    width = max((len(row) for row in rows), default=0)
    if not width:
        return
    if width * len(rows) <= MAX_TABLE_CELLS:
        for row in rows:
            row.extend([Cell((), header=all(cell.header for cell in row))] * (width - len(row)))
    yield Table(tuple(tuple(row) for row in rows))


def _normal_cell(cell: Cell, depth: int) -> Cell:
    blocks = normal_blocks(cell.blocks, depth + 1)
    if cell.header:
        blocks = normal_blocks((_without_strong(block) for block in blocks), depth + 1)
    return Cell(blocks, cell.header)


def _without_strong(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(
            tuple(replace(run, marks=run.marks - {Mark.STRONG}) if run.marks else run for run in block.runs)
        )
    return block


def _code_text(text: str) -> str:
    """Preformatted text with newlines only as line ends, without blank lines at either end."""
    if _DIRTY.search(text):
        text = _without_surrogates(text.translate(_CONTROL_IN_CODE))
    lines = text.splitlines()  # at every character of _LINE_ENDS
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join(line.rstrip() for line in lines[first:last])


# --- runs ----------------------------------------------------------------------------------------------------------


def normal_lines(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """Canonical paragraphs of a sequence of runs: none when it shows nothing, several where empty lines are."""
    runs = tuple(runs)
    if len(runs) == 1 and _is_normal_text(runs[0]):
        return [runs]
    paragraphs: list[tuple[Run, ...]] = []
    lines: list[Run] = []
    for line in _lines(_told_apart(_lifted(_merged(_cleaned(runs))))):
        if line:
            if lines:
                lines.append(Run("", RunKind.BREAK))
            lines.extend(line)
        elif lines:
            paragraphs.append(tuple(lines))
            lines = []
    if lines:
        paragraphs.append(tuple(lines))
    return paragraphs


def _is_normal_text(run: Run) -> bool:
    """Whether a run that stands alone is text in which nothing is to be cleaned or lifted: most paragraphs."""
    text = run.text
    return (
        run.kind is RunKind.TEXT
        and not run.link
        and bool(text)
        and not (text[0].isspace() or text[-1].isspace() or "://" in text or _UNCLEAN.search(text))
    )


def one_line(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Canonical runs without any line break: what a heading can hold."""
    flat = (Run(" ") if run.kind is RunKind.BREAK else run for run in _cleaned(runs))
    lines = _lines(_told_apart(_lifted(_merged(flat))))
    return tuple(lines[0]) if lines else ()


def one_line_breaks(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Canonical runs of one paragraph, paragraphs joined by a line break."""
    joined: list[Run] = []
    for paragraph in normal_lines(runs):
        if joined:
            joined.append(Run("", RunKind.BREAK))
        joined.extend(paragraph)
    return tuple(joined)


def _cleaned(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs without characters or attributes that do not count; newlines become runs."""
    for run in runs:
        match run.kind:
            case RunKind.TEXT:
                yield from _cleaned_text(run)
            case RunKind.CODE:
                text = _BLANKS.sub(" ", _clean(run.text, _CONTROL_IN_CODE).replace("\n", " ")).strip()
                if text:
                    yield replace(run, text=text, link=canonical_link(run.link), target="")
            case RunKind.BREAK:
                yield Run("", RunKind.BREAK)
            case RunKind.MENTION:
                name = _one_blank(run.text).lstrip("@ ")
                target = canonical_link(run.target)
                yield Run(name or last_part(target), RunKind.MENTION, target=target) if target else Run("@" + name)
            case RunKind.REFERENCE:
                target = canonical_link(run.target)
                key = _one_blank(run.text) or issue_key(target) or target
                yield Run(key, RunKind.REFERENCE, run.marks, target=target) if target else Run(key, marks=run.marks)
            case RunKind.IMAGE:
                target = canonical_link(run.target)
                alternative = _one_blank(run.text)
                if target:
                    yield Run(alternative, RunKind.IMAGE, link=canonical_link(run.link), target=target)
                elif alternative:
                    yield Run(alternative)
            case _:
                assert_never(run.kind)


def _cleaned_text(run: Run) -> Iterator[Run]:
    link = canonical_link(run.link) if run.link else ""
    if link == run.link and not link.startswith(("mailto:", "http://www.")) and not _UNCLEAN.search(run.text):
        if run.text:
            yield run
        return
    text = _clean(run.text, _CONTROL)
    if (link.startswith("mailto:") and link[7:] == text) or (link == "http://" + text and text.startswith("www.")):
        link = ""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield Run("", RunKind.BREAK)
        if line:
            yield Run(_BLANKS.sub(" ", line), marks=run.marks, link=link)


def _clean(text: str, table: dict[int, str | None]) -> str:
    """Text whose line ends are newlines, without control characters, byte order marks or lone surrogates."""
    text = _LINE_ENDS.sub("\n", text)
    if _DIRTY.search(text):
        text = _without_surrogates(text.translate(table))
    return text


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _one_blank(text: str) -> str:
    return _BLANKS.sub(" ", _clean(text, _CONTROL).replace("\n", " ")).strip()


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs in which no two runs of text, or of code, of the same look are neighbours."""
    parts: list[str] = []
    look: Run | None = None
    for run in runs:
        if look is not None and look.kind is run.kind and look.marks == run.marks and look.link == run.link:
            parts.append(run.text)
            continue
        if look is not None:
            yield _with_parts(look, parts)
            look = None
        if run.kind in {RunKind.TEXT, RunKind.CODE}:
            look, parts = run, [run.text]
        else:
            yield run
    if look is not None:
        yield _with_parts(look, parts)


def _with_parts(look: Run, parts: list[str]) -> Run:
    return replace(look, text=_BLANKS.sub(" ", "".join(parts))) if len(parts) > 1 else look


def _lifted(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs in which bare addresses are links, links to tasks are references, and links to people are mentions."""
    for run in runs:
        if run.kind is not RunKind.TEXT:
            yield run
        elif run.link:
            yield _lifted_link(run)
        elif "://" in run.text:
            for text, address in split_addresses(run.text):
                piece = replace(run, text=text, link=address)
                yield _lifted_link(piece) if address else piece
        else:
            yield run


def _lifted_link(run: Run) -> Run:
    text = run.text.strip()
    if names_issue(text, run.link):
        return Run(issue_key(run.link), RunKind.REFERENCE, run.marks, target=run.link)
    if text.startswith("@") and text[1:].strip() and is_profile(run.link):
        return Run(text[1:].strip(), RunKind.MENTION, target=run.link)
    return run


def _told_apart(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs in which nothing that touches a mention or reference links to its page: they would be one link in markup."""
    pieces = list(runs)
    if not any(run.kind in {RunKind.MENTION, RunKind.REFERENCE} for run in pieces):
        yield from pieces
        return
    before = Run("")
    for run in pieces:
        points = run.kind in {RunKind.MENTION, RunKind.REFERENCE}
        pointed = before.kind in {RunKind.MENTION, RunKind.REFERENCE}
        if points and pointed and run.kind is before.kind and run.target == before.target:
            continue
        apart = run
        if pointed and run.link and run.link == before.target:
            apart = replace(run, link="")
        elif points and before.link and before.link == run.target:
            before = replace(before, link="")
        yield from _lifted((before,))
        before = apart
    yield from _lifted((before,))


def _lines(runs: Iterable[Run]) -> list[list[Run]]:
    """The lines of a paragraph; blanks between two runs carry the marks and link that both carry."""
    lines: list[list[Run]] = [[]]
    blank = ""
    for run in runs:
        if run.kind is RunKind.BREAK:
            lines.append([])
            blank = ""
            continue
        body = run
        if run.kind is RunKind.TEXT:
            text = run.text.strip()
            if not text:
                blank = blank or run.text
                continue
            start = run.text.find(text[0])
            blank = blank or run.text[:start]
            if len(text) != len(run.text):
                body = replace(run, text=text)
        line = lines[-1]
        if line and blank:
            line.append(_blank_between(line[-1], body, blank))
        line.append(body)
        blank = run.text[len(run.text.rstrip()) :] if run.kind is RunKind.TEXT else ""
    return [_joined(line) for line in lines]


def _blank_between(before: Run, after: Run, blank: str) -> Run:
    link = before.link if before.link == after.link else ""
    return Run(" " if blank.isascii() else blank, marks=before.marks & after.marks or _NO_MARKS, link=link)


def _joined(line: list[Run]) -> list[Run]:
    """The line with equal-looking runs merged."""
    return list(_merged(line))
