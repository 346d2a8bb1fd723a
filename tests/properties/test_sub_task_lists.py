"""A list of sub-tasks in a mirror is never carried back, whatever people edit around and into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Kind, Side
from syncer.core.origin import Origin, Origins
from syncer.core.rules import PairRules
from syncer.core.sub_task_text import MOST_LISTED, ListedTask
from syncer.core.text_sync import Edit, Prose
from syncer.richtext import Block, Document, ListBlock, ListItem, Paragraph, Run, plain_text
from syncer.richtext.markup import Markup
from tests.properties.test_own_words import Nowhere

JIRA = "https://acme.example"
MARKUPS: dict[str, Markup] = {"wiki": WikiMarkup(JIRA, "PAY"), "adf": AdfMarkup(JIRA, "PAY")}
GITHUB = GitHubMarkdown("https://github.com", "acme/pay")
AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
URLS = {Side.LEFT: f"{JIRA}/browse/PAY-", Side.RIGHT: "https://github.com/acme/pay/issues/"}
TITLES = (
    "Cut",
    "Sew @octocat",
    "*Iron* it #12",
    "Fold [it](https://evil.example)",
    "{color:red}Pack{color}",
    "1. `Ship`",
    "[~admin] [~accountid:712020:1a] !image.png! h1. all",
    "fixes #12, GH-1 <script>alert(1)</script> | a | b |",
)
OUR_WORDS = "Sub-tasks of PAY-7: - [x] all {code}"
STATES = ("To Do", "Done", "")
EDITS = (
    "nothing",
    "add a line",
    "edit a line",
    "drop a line",
    "drop the head",
    "move a line",
    "text below",
    "copy the head",
)


def task(number: int, title: str, state: str, side: Side) -> ListedTask:
    key = f"PAY-{number}" if side is Side.LEFT else f"#{number}"
    return ListedTask(key, f"{URLS[side]}{number}", title, state)


def lists(side: Side) -> st.SearchStrategy[tuple[ListedTask, ...]]:
    made = st.builds(task, st.integers(20, 60), st.sampled_from(TITLES), st.sampled_from(STATES), st.just(side))
    return st.lists(made, max_size=5, unique_by=lambda one: one.url).map(tuple)


class Mirrored:
    """A text, and its mirror with a list of sub-tasks, as runs write them."""

    def __init__(self, jira: str, side: Side, words: str, listed: tuple[ListedTask, ...]) -> None:
        self.side, self.mirror = side, side.other
        self.markups = {Side.LEFT: MARKUPS[jira], Side.RIGHT: GITHUB}
        self.prose = Prose(PairRules("pay"), self.markups, Nowhere())
        self.origin = Origin(Kind.TASK, "Mia", "PAY-7", f"{URLS[side]}7", AT, listed=listed)
        self.shown = {side: self.markups[side].write(Document((Paragraph((Run(words),)),))).source}
        edit = Edit(self.shown[side], None, None)
        self.shown[self.mirror] = self.prose.carry(self.mirror, edit, self.origins, "").source
        self.base = dict(self.shown)

    @property
    def origins(self) -> Origins:
        return {self.side: None, self.mirror: self.origin}

    def agreed(self) -> None:
        """Both sides agree: what they show is remembered."""
        self.base = dict(self.shown)
        self.origin = replace(self.origin, recorded=(self.base[self.mirror], self.base[self.side]))

    def edit_mirror(self, how: str) -> None:
        markup = self.markups[self.mirror]
        blocks = edited(list(markup.read(self.shown[self.mirror]).blocks), how)
        self.shown[self.mirror] = markup.patch(self.shown[self.mirror], Document(tuple(blocks))).source

    def run(self) -> int:
        """One run: carries whichever side moved, then brings the list up to date; how many writes it took."""
        writes = 0
        moved = [side for side in Side if not self.prose.same(side, self.base[side], self.shown[side], self.origins)]
        assert len(moved) < len(Side), self.shown
        for side in moved:
            edit = Edit(self.shown[side], self.base[side], self.shown[side.other])
            self.shown[side.other] = self.prose.carry(side.other, edit, self.origins, "").source
            writes += 1
        assert self.prose.agree(self.shown, self.origins), self.shown
        listed = self.prose.relisted(self.mirror, self.shown[self.mirror], self.origin)
        if listed is not None:
            self.shown[self.mirror] = listed.source
            writes += 1
        self.agreed()
        return writes

    def words(self, side: Side) -> str:
        return plain_text(self.markups[side].read(self.shown[side]))


def edited(blocks: list[Block], how: str) -> list[Block]:
    """What a person makes of the text of a mirror."""
    at = next((at for at, block in enumerate(blocks) if isinstance(block, ListBlock)), None)
    theirs = ListItem((Paragraph((Run("iron it first"),)),))
    found = blocks[at] if at is not None else None
    if how == "text below":
        return [*blocks, Paragraph((Run("iron it first"),))]
    if at is None or not isinstance(found, ListBlock):
        return blocks
    items = list(found.items)
    match how:
        case "add a line":
            items.insert(len(items) // 2, theirs)
        case "edit a line":
            first = items[0].blocks[0]
            assert isinstance(first, Paragraph)
            items[0] = ListItem((Paragraph((*first.runs, Run(" iron it first"))),))
        case "drop a line":
            items.pop()
        case "move a line":
            rest = [ListBlock(tuple(items[1:]))] if items[1:] else []
            return [ListBlock((items[0],)), *blocks[:at], *rest, *blocks[at + 1 :]]
        case "drop the head":
            return [*blocks[: at - 1], *blocks[at:]]
        case "copy the head":
            return [blocks[at - 1], *blocks]
        case _:
            return blocks
    return [*blocks[:at], *([ListBlock(tuple(items))] if items else []), *blocks[at + 1 :]]


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("side", Side)
@given(data=st.data(), how=st.sampled_from(EDITS))
def test_edits_around_and_into_a_list_lose_nothing_and_settle_in_two_runs(
    jira: str, side: Side, data: st.DataObject, how: str
) -> None:
    text = Mirrored(jira, side, "The limit is 42 EUR.", data.draw(lists(side)))
    text.agreed()
    assert text.run() == 0
    text.edit_mirror(how)
    text.origin = replace(text.origin, listed=data.draw(lists(side)))
    text.run()
    text.run()
    assert text.run() == 0, text.shown
    assert "The limit is 42 EUR." in text.words(side)
    if "iron it first" in text.words(text.mirror) or how == "text below":
        assert "iron it first" in text.words(side)
        assert "iron it first" in text.words(text.mirror)
    if how in {"nothing", "drop a line", "drop the head", "move a line"}:
        assert text.words(side) == "The limit is 42 EUR."


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("side", Side)
def test_every_line_of_a_list_is_read_as_it_was_written(jira: str, side: Side) -> None:
    listed = tuple(
        task(20 + at, title, state, side) for at, title in enumerate((*TITLES, OUR_WORDS)) for state in STATES[:1]
    )
    text = Mirrored(jira, side, "The limit is 42 EUR.", listed)
    for one in listed:
        assert one.key in text.words(text.mirror)
    assert text.run() == 0
    assert text.words(side) == "The limit is 42 EUR."


@pytest.mark.parametrize("jira", MARKUPS)
def test_a_long_list_is_cut_and_says_how_many_more_there_are(jira: str) -> None:
    listed = tuple(task(20 + at, f"Part {at}", "Done", Side.LEFT) for at in range(MOST_LISTED + 7))
    text = Mirrored(jira, Side.LEFT, "The limit is 42 EUR.", listed)
    assert "and 7 more" in text.words(Side.RIGHT)
    assert text.run() == 0
    text.origin = replace(text.origin, listed=listed[:3])
    assert text.run() == 1
    assert "more" not in text.words(Side.RIGHT)
    assert text.run() == 0


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("side", Side)
def test_lines_that_people_wrote_in_the_original_in_our_form_stay_text(jira: str, side: Side) -> None:
    listed = (task(20, "Cut", "Done", side),)
    text = Mirrored(jira, side, "The limit is 42 EUR.", listed)
    markup = text.markups[side]
    head = Paragraph((Run("Sub-tasks of "), Run("PAY-7", link=f"{URLS[side]}7"), Run(":")))
    line = ListBlock((ListItem((Paragraph((Run("PAY-20", link=f"{URLS[side]}20"), Run(" Cut (Done)"))),)),))
    text.agreed()
    text.shown[side] = markup.write(Document((head, line))).source
    text.run()
    text.run()
    assert text.run() == 0
    assert text.words(side).count("Cut (Done)") == 1
    assert text.words(text.mirror).count("Cut (Done)") == 2


@example(TITLES[2])
@given(title=st.text(max_size=40))
def test_any_title_makes_a_line_that_is_known_again(title: str) -> None:
    for jira in MARKUPS:
        for side in Side:
            text = Mirrored(jira, side, "The limit is 42 EUR.", (task(20, title, "Done", side),))
            text.agreed()
            assert text.run() == 0, text.shown
            assert text.words(side) == "The limit is 42 EUR."
