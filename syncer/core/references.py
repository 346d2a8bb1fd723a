"""Where an item names an item of the other side: by key or address, in its title, labels, fields, links or text.

What a reference says depends on where it stands. A key before a title says "this is it"; the same key in the middle of
a sentence says only that the two have something to do with each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from syncer.contract.model import Field, Observed, Ref
from syncer.core.mirror_tools import TOOLS
from syncer.richtext import Document, RunKind, children, plain_run, plain_text
from syncer.richtext.document import Block, CodeBlock, Heading, Paragraph, Run
from syncer.richtext.links import issue_key


class ReferencePlace(Enum):
    """Where a reference stands, the most telling first."""

    TITLE = "in the title"
    LABEL = "as a label"
    FIELD = "in a field"
    LINK = "as a remote link"
    PATTERN = "by a pattern of the pair"
    TOOL = "in a line of {tool}"
    OWN_LINE = "on a line of its own"
    TEXT = "in the text"

    @property
    def telling(self) -> bool:
        """Whether it says that the two are one, and not only that they have to do with each other."""
        return self not in {ReferencePlace.OWN_LINE, ReferencePlace.TEXT}


@dataclass(frozen=True, slots=True)
class Reference:
    """An item of one side names one of the other."""

    to: Ref
    place: ReferencePlace
    key: str
    tool: str = ""

    @property
    def reason(self) -> str:
        """What people are told of it: `names PAY-7 in the title`."""
        return f"names {self.key} {self.place.value.format(tool=self.tool)}"


_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'|\\\]\[(){}]+", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w./-]*#\d+|[^\W_][\w-]*-\d+", re.UNICODE)
_EDGES: Final = re.compile(
    r"\A\W{0,3}(?P<before>[\w./-]*#\d+|[^\W_][\w-]*-\d+)(?=[\s\])}:–—-])"
    r"|(?<=[\s\[({])(?P<after>[\w./-]*#\d+|[^\W_][\w-]*-\d+)\W{0,3}\Z"
)
"""A key before or behind a title, set off from it."""
_RELATING: Final = (
    r"(?:follow(?:s|ed)?[ -]?ups?|part of|block(?:s|ed|ing)?|depends?|after|before|until|duplicates?|dup(?:e)? of|see"
    r"|relate[sd]?|reverts?|regression|sub-?tasks?|split|caused|similar|like|parent|epic|child|unlike|needs|wait(?:s|ing)?"
    r"|cf|also|compare)\b|阻塞|依赖|参见|相关|重复|类似"
)
_RELATED: Final = re.compile(rf"\b{_RELATING}", re.IGNORECASE)
"""Words that say that two items are two."""
_RELATED_BEFORE: Final = re.compile(rf"\b(?:{_RELATING})\s*(?:of|by|on|to|for|with|from)?\W*\Z", re.IGNORECASE)
_RELATED_BEHIND: Final = re.compile(rf"\A\W*(?:{_RELATING})", re.IGNORECASE)
"""Such a word beside a key in a title: it is another item's."""
_WORDS_OF_A_REFERENCE: Final = 5
"""So many further words a line may have that is there for the reference alone."""


class ReferenceBook:
    """The keys and addresses of one side's items, and how texts of the other side name them."""

    def __init__(self, items: Iterable[Observed], patterns: Sequence[re.Pattern[str]] = ()) -> None:
        self._keys: dict[str, tuple[Ref, str]] = {}
        self._addresses: dict[str, tuple[Ref, str]] = {}
        self._patterns = patterns
        for item in items:
            found = (item.ref, item.key)
            self._keys[item.key.casefold()] = found
            if item.url:
                self._addresses[_spelled(item.url)] = found
            for short in _short_forms(item.key):
                self._keys.setdefault(short.casefold(), found)

    def at(self, written: str) -> tuple[Ref, str] | None:
        """The item that a key or an address names, with its key."""
        text = written.strip()
        if "://" in text:
            spelled = _spelled(text)
            return self._addresses.get(spelled) or self._keys.get(issue_key(spelled).casefold())
        return self._keys.get(text.casefold()) or self._keys.get(f"#{text}" if text.isdecimal() else "")

    def named_in(self, text: str) -> list[tuple[Ref, str]]:
        """The items that a text names, each once."""
        addresses = _ADDRESS.findall(text)
        words = _WORD.findall(_ADDRESS.sub(" ", text))
        found = (self.at(written) for written in (*(one.rstrip(".,;:!?*_~") for one in addresses), *words))
        return list(dict.fromkeys(one for one in found if one is not None))

    def of(self, item: Observed, text: Sequence[str], links: Collection[str]) -> Iterator[Reference]:
        """Every reference of an item of the other side, whose text and remote links these are."""
        title = str(item.showing.get(Field.TITLE) or "")
        yield from self._of_title(title)
        labels = item.showing.get(Field.LABELS)
        for label in labels if isinstance(labels, tuple) else ():
            yield from _at(self.named_in(label), ReferencePlace.LABEL)
        for field in item.facts.references:
            yield from _at(self.named_in(field), ReferencePlace.FIELD)
        named = [one for link in links if (one := self.at(link)) is not None]
        # Who links several issues lists what has to do with this one.
        yield from _at(dict.fromkeys(named), ReferencePlace.LINK if len(set(named)) == 1 else ReferencePlace.TEXT)
        yield from self._by_patterns([title, *text])
        for line in text:
            yield from self._of_line(line)

    def _of_title(self, title: str) -> Iterator[Reference]:
        set_off = {
            self.at(match["before"] or match["after"])
            for match in _EDGES.finditer(title)
            if not _RELATED_BEFORE.search(title[: match.start("after")] if match["after"] else "")
            and not _RELATED_BEHIND.search(title[match.end("before") :] if match["before"] else "")
        }
        for ref, key in self.named_in(title):
            yield Reference(ref, ReferencePlace.TITLE if (ref, key) in set_off else ReferencePlace.TEXT, key)

    def _by_patterns(self, lines: Iterable[str]) -> Iterator[Reference]:
        for pattern in self._patterns:
            for line in lines:
                for match in pattern.finditer(line):
                    found = self.at(match[1] if pattern.groups else match[0])
                    yield from _at([found] if found else [], ReferencePlace.PATTERN)

    def _of_line(self, line: str) -> Iterator[Reference]:
        named = self.named_in(line)
        if not named:
            return
        tool = next((tool.name for tool in TOOLS if tool.line is not None and tool.line.search(line)), "")
        for ref, key in named:
            if tool and len(named) == 1:
                yield Reference(ref, ReferencePlace.TOOL, key, tool)
            else:
                yield Reference(
                    ref, ReferencePlace.OWN_LINE if _stands_alone(line, named) else ReferencePlace.TEXT, key
                )


def title_alone(title: str) -> str:
    """A title without the key that is set off before or behind it."""
    shown = _EDGES.sub(" ", title)
    return " ".join(re.sub(r"\A[\s\])}:–—-]+|[\s\[({]+\Z", " ", shown).split())


def words_alone(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of a text without those that a tool wrote, or a person for the reference alone."""
    return tuple(line for line in map(str.strip, lines) if line and not _is_trace(line))


def _is_trace(line: str) -> bool:
    if any(tool.line is not None and tool.line.search(line) for tool in TOOLS) or line.startswith("┆"):
        return True
    rest, found = _WORD.subn(" ", _ADDRESS.sub(" ", line))
    named = found + len(_ADDRESS.findall(line))
    return named == 1 and not _RELATED.search(line) and len(re.findall(r"\w+", rest)) <= 2


def shared_ids(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The ids that a tool gives an item on both sides, with the tool's name."""
    for tool in TOOLS:
        if tool.shared is not None:
            for text in texts:
                yield from ((tool.name, found) for found in tool.shared.findall(text))


def exposed(document: Document) -> tuple[str, ...]:
    """The lines of a document as people read them, each link followed by its address."""
    return tuple(line for block in document.blocks for text in _texts(block) for line in text.split("\n") if line)


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Paragraph() | Heading():
            yield "".join(map(_exposed_run, block.runs))
        case CodeBlock():
            yield block.text
        case _:
            inner = children(block)
            if not inner:
                yield plain_text(Document((block,)))
            for blocks in inner:
                for each in blocks:
                    yield from _texts(each)


def _exposed_run(run: Run) -> str:
    address = run.link or (run.target if run.kind is RunKind.REFERENCE else "")
    text = plain_run(run)
    return text if not address or address == text else f"{text} {address} "


def _spelled(address: str) -> str:
    """An address without what may follow the page's own: a fragment, a query, a final slash."""
    return re.split(r"[?#]", address.strip(), maxsplit=1)[0].rstrip("/").casefold()


def _short_forms(key: str) -> tuple[str, ...]:
    """The ways to write a key that leave out where it is: `pay#12` and `#12`."""
    place, sign, number = key.rpartition("#")
    return (f"{place.rpartition('/')[2]}#{number}", f"#{number}") if sign else ()


def _stands_alone(line: str, named: Sequence[tuple[Ref, str]]) -> bool:
    """Whether a line is there for its one reference."""
    if len(named) != 1 or _RELATED.search(line):
        return False
    rest = _WORD.sub(" ", _ADDRESS.sub(" ", line))
    return len(re.findall(r"\w+", rest)) <= _WORDS_OF_A_REFERENCE


def _at(named: Iterable[tuple[Ref, str]], place: ReferencePlace) -> Iterator[Reference]:
    for ref, key in named:
        yield Reference(ref, place, key)


def strongest(references: Iterable[Reference]) -> Mapping[Ref, Reference]:
    """For each item that is named, the most telling reference to it."""
    order = list(ReferencePlace)
    found: dict[Ref, Reference] = {}
    for one in references:
        known = found.get(one.to)
        if known is None or order.index(one.place) < order.index(known.place):
            found[one.to] = one
    return found
