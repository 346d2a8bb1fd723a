"""A hundred edits on alternating sides: after each both sides say the same, and the text never grows by itself."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Side
from syncer.core.origin import NO_ORIGINS
from syncer.core.rules import PairRules
from syncer.core.text_sync import Edit, Prose
from syncer.richtext import (
    Block,
    Document,
    ListBlock,
    ListItem,
    Paragraph,
    Run,
    RunKind,
    Table,
    map_block,
    normalise,
    same,
)
from syncer.richtext.markup import Markup
from tests.properties.documents import documents
from tests.properties.nowhere import Nowhere

EDITS = 100
JIRA: dict[str, Markup] = {
    "wiki": WikiMarkup("https://acme.example", "PAY"),
    "adf": AdfMarkup("https://acme.example", "PAY"),
}
GITHUB = GitHubMarkdown("https://github.com", "acme/pay")
WORDS = ["plan", "重点", "ship it", "a_b_c", "**loud**", "{code}", "see #12", "@octo", "x|y", "> so", "- item", "h1. T"]
TEMPLATE = """<!-- what happened? -->
## Steps

1. Open `pay/app.py`
2. Press **Pay** and *wait*
   - on a phone
   - on a desk

| case | result |
| --- | --- |
| one \\| two | ~~lost~~<br>kept |

> [!WARNING]
> Money is 重要的。

> said
> > and before

```python
total = {"a": 1}
```

- [ ] ask
- [x] [look](https://a.example/x)

<details>
<summary>More</summary>

hidden

</details>

[unused]: https://a.example/definition
"""


class Pair:
    """One text on two sides, as a run sees it: what each side shows, and what it showed when both agreed."""

    def __init__(self, jira: Markup, text: str) -> None:
        self.markups: dict[Side, Markup] = {Side.LEFT: jira, Side.RIGHT: GITHUB}
        self.prose = Prose(PairRules("pay"), self.markups, Nowhere())
        self.shown = {Side.RIGHT: text, Side.LEFT: ""}
        self.shown[Side.LEFT] = self.prose.carry(Side.LEFT, Edit(text, None, None), NO_ORIGINS, "").source

    def edit(self, side: Side, random: Random) -> None:
        """One person's edit on one side, in that tracker's own editor, then the run that carries it."""
        before = self.shown[side]
        document = _edited(self.markups[side].read(before), random)
        self.shown[side] = self.markups[side].patch(before, document).source
        edit = Edit(self.shown[side], before, self.shown[side.other])
        self.shown[side.other] = self.prose.carry(side.other, edit, NO_ORIGINS, "").source

    def document(self, side: Side) -> Document:
        return self.markups[side].read(self.shown[side])

    def agrees(self) -> bool:
        """Whether both sides say the same, as far as each of them can say it."""
        left, right = (self._sayable(self.document(side)) for side in Side)
        return same(left, right)

    def _sayable(self, document: Document) -> Document:
        for markup in (*self.markups.values(), *self.markups.values()):
            document = markup.read(markup.write(document).source)
        return document

    def at_rest(self, side: Side) -> bool:
        """Whether showing what `side` says on the other side, over what it shows, changes nothing."""
        edit = Edit(self.shown[side], self.shown[side], self.shown[side.other])
        return self.prose.carry(side.other, edit, NO_ORIGINS, "").source == self.shown[side.other]


def _edited(document: Document, random: Random) -> Document:
    """The document with one paragraph added, changed or moved, a word inside any block exchanged, an item or row
    removed or repeated or, where there are many, a block removed.
    """
    blocks: list[Block] = list(document.blocks)
    at = random.randrange(len(blocks) + 1)
    verb = random.choice(("add", "change", "inside", "part", "move")) if len(blocks) < 12 else "remove"
    new = Paragraph((Run(" ".join(random.choices(WORDS, k=3))),))
    if verb == "add" or not blocks:
        blocks.insert(at, new)
    elif verb == "change":
        places = [place for place, block in enumerate(blocks) if isinstance(block, Paragraph)] or [0]
        blocks[random.choice(places)] = new
    elif verb == "inside":
        place = at % len(blocks)
        blocks[place] = map_block(blocks[place], lambda runs: _with_word(runs, random))
    elif verb == "part":
        place = at % len(blocks)
        blocks[place] = _with_parts(blocks[place], random)
    elif verb == "move":
        blocks.insert(random.randrange(len(blocks)), blocks.pop(at % len(blocks)))
    else:
        del blocks[at % len(blocks)]
    return normalise(Document(tuple(blocks)))


def _with_word(runs: tuple[Run, ...], random: Random) -> tuple[Run, ...]:
    """The runs, one in three times with a word at the end of one of them."""
    texts = [at for at, run in enumerate(runs) if run.kind is RunKind.TEXT]
    if not texts or random.randrange(3):
        return runs
    at = random.choice(texts)
    return (*runs[:at], replace(runs[at], text=f"{runs[at].text} {random.choice(WORDS)}"[:200]), *runs[at + 1 :])


def _with_parts(block: Block, random: Random) -> Block:
    """A list or table with one item or row removed or repeated, or a box checked."""
    if isinstance(block, ListBlock):
        at = random.randrange(len(block.items))
        item = block.items[at]
        flipped = item if item.checked is None else replace(item, checked=not item.checked)
        kept: tuple[ListItem, ...] = random.choice(((flipped,), (item, item)) if len(block.items) < 6 else ((),))
        return replace(block, items=(*block.items[:at], *kept, *block.items[at + 1 :]))
    if isinstance(block, Table):
        at = random.randrange(len(block.rows))
        row = block.rows[at]
        rows = (row,) if not at else (row, row) if len(block.rows) < 6 else ()
        return replace(block, rows=(*block.rows[:at], *rows, *block.rows[at + 1 :]))
    return block


def _loop(pair: Pair, random: Random, edits: int) -> None:
    start = sum(map(len, pair.shown.values()))
    for number in range(edits):
        pair.edit(Side.LEFT if number % 2 else Side.RIGHT, random)
        assert pair.at_rest(Side.LEFT), pair.shown
        assert pair.at_rest(Side.RIGHT), pair.shown
        assert pair.agrees(), pair.shown
        assert len(pair.document(Side.RIGHT).blocks) <= 40, "the text grows"
    assert sum(map(len, pair.shown.values())) < start + 12_000
    assert pair.agrees(), pair.shown


@pytest.mark.slow
@pytest.mark.parametrize("jira", list(JIRA))
def test_a_hundred_edits_leave_both_sides_equal(jira: str) -> None:
    _loop(Pair(JIRA[jira], TEMPLATE), Random(20), EDITS)


@pytest.mark.parametrize("jira", list(JIRA))
@given(document=documents, number=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@seed(7)
def test_any_text_comes_to_rest_after_each_edit(jira: str, document: Document, number: int) -> None:
    _loop(Pair(JIRA[jira], GITHUB.write(document).source), Random(number), 8)
