r"""Plain paragraphs as a markup, for trackers without one of their own: quotes, rules, names and links inline.

| source                      | means                                   |
|-----------------------------|-----------------------------------------|
| blank line                  | next block                              |
| newline                     | line break                              |
| `---`                       | rule                                    |
| `> ` before each line       | quote                                   |
| `[text](address)`           | link                                    |
| `@[name](address)`          | mention: notifies                       |
| `#[key](address)`           | reference to a task                     |
| `**text**`                  | strong                                  |
| `\` before a character      | that character and nothing else         |

Everything else a document can hold is written as the paragraphs of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, assert_never

from syncer.richtext import (
    LINE_BREAK,
    Block,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    Mark,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    normalise,
    same,
)
from syncer.richtext.markup import NOBODY, Written

_INLINE: Final = re.compile(
    r"\\(?P<escaped>.)"
    r"|(?P<sigil>[@#]?)\[(?P<label>(?:\\.|[^\]\\\n])*)\]\((?P<address>[^()\s]+)\)"
    r"|(?P<strong>\*\*)"
    r"|(?P<newline>\n)",
    re.DOTALL,
)
_BLANK: Final = re.compile(r"\n(?:[ \t]*\n)+")


class PlainMarkup:
    """Reader and writer of plain paragraphs. `limit` is in characters of source."""

    def __init__(self, limit: int = 32_767) -> None:
        self._limit = limit

    def read(self, source: str) -> Document:
        """The document of a source; whatever is no markup is text."""
        return normalise(Document(tuple(_read_block(part) for part in _parts(source))))

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """The source of a document, in which only those in `live` are mentioned."""
        return self._joined([source for block in document.blocks for source in _write_block(block, live)], continued_at)

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """The source with the blocks that differ replaced."""
        if same(self.read(source), self.read(self.write(document, live=live).source)):
            return Written(source)
        kept = {block: part for part in _parts(source) for block in self.read(part).blocks}
        parts = [
            part
            for block in document.blocks
            for part in ([kept[block]] if block in kept else _write_block(block, live))
        ]
        return self._joined(parts, continued_at)

    def _joined(self, parts: list[str], continued_at: str) -> Written:
        source = "\n\n".join(parts)
        if len(source) <= self._limit:
            return Written(source)
        note = f"[continues]({continued_at})" if continued_at else "(continues)"
        while parts and len("\n\n".join([*parts, note])) > self._limit:
            parts = parts[:-1]
        return Written("\n\n".join([*parts, note]), truncated=True)


def _parts(source: str) -> list[str]:
    """The sources of the blocks."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip("\n") for part in _BLANK.split(text) if part.strip()]


def _read_block(part: str) -> Block:
    lines = part.split("\n")
    if part.strip() == "---":
        return Rule()
    if all(line.startswith(">") for line in lines):
        inner = "\n".join(line[1:].removeprefix(" ") for line in lines)
        return Quote(tuple(_read_block(each) for each in _parts(inner)))
    return Paragraph(tuple(_read_runs("\n".join(lines))))


def _read_runs(text: str) -> Iterator[Run]:
    position = 0
    marks: frozenset[Mark] = frozenset()
    for match in _INLINE.finditer(text):
        yield Run(text[position : match.start()], marks=marks)
        position = match.end()
        if match["strong"]:
            marks = marks ^ {Mark.STRONG}
        elif match["newline"]:
            yield LINE_BREAK
        elif match["address"]:
            yield _read_link(match["sigil"], re.sub(r"\\(.)", r"\1", match["label"]), match["address"], marks)
        else:
            yield Run(match["escaped"], marks=marks)
    yield Run(text[position:], marks=marks)


def _read_link(sigil: str, label: str, address: str, marks: frozenset[Mark]) -> Run:
    match sigil:
        case "@":
            return Run(label, RunKind.MENTION, marks, target=address)
        case "#":
            return Run(label, RunKind.REFERENCE, marks, target=address)
        case _:
            return Run(label, marks=marks, link=address)


def _write_block(block: Block, live: AbstractSet[str]) -> list[str]:
    """The sources of one block; several where its structure has no markup here."""
    match block:
        case Paragraph(runs) | Heading(_, runs):
            sources = [_guarded("".join(_write_run(run, live) for run in runs))]
        case Rule():
            sources = ["---"]
        case Quote(blocks):
            inner = "\n\n".join(_write_all(blocks, live))
            sources = ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))] if inner else []
        case CodeBlock(text):
            sources = [_guarded(_escaped(part)) for part in _parts(text)]
        case Opaque(label):
            sources = [_guarded(_escaped(label))]
        case ListBlock(items):
            sources = [source for item in items for source in _write_all(item.blocks, live)]
        case Table(rows):
            sources = [source for row in rows for cell in row for source in _write_all(cell.blocks, live)]
        case Panel(_, blocks):
            sources = _write_all(blocks, live)
        case Expand(title, blocks):
            sources = [_guarded(_escaped(title)), *_write_all(blocks, live)]
        case _:
            assert_never(block)
    return [source for source in sources if source.strip()]


def _write_all(blocks: Iterable[Block], live: AbstractSet[str]) -> list[str]:
    return [source for block in blocks for source in _write_block(block, live)]


def _write_run(run: Run, live: AbstractSet[str]) -> str:
    match run.kind:
        case RunKind.BREAK:
            return "\n"
        case RunKind.MENTION:
            source = f"{'@' if run.target in live else ''}[{_escaped(run.text)}]({run.target})"
        case RunKind.REFERENCE:
            source = f"#[{_escaped(run.text)}]({run.target})"
        case RunKind.IMAGE:
            source = f"[{_escaped(run.text)}]({run.target})" if run.target else _escaped(run.text)
        case RunKind.TEXT | RunKind.CODE:
            source = f"[{_escaped(run.text)}]({run.link})" if run.link else _escaped(run.text)
        case _:
            assert_never(run.kind)
    return f"**{source}**" if Mark.STRONG in run.marks and source.strip() else source


def _escaped(text: str) -> str:
    """Text in which nothing is markup."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("**", "\\*\\*")


def _guarded(source: str) -> str:
    """A paragraph that cannot be taken for a quote or a rule."""
    return re.sub(r"^(>|---\s*$)", r"\\\1", source)
