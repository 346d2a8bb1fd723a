"""One short source of each construct that somebody may write, in three markups, and a word added at any place of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Side
from syncer.core.origin import NO_ORIGINS
from syncer.core.rules import PairRules
from syncer.core.text_sync import Edit, Prose
from syncer.richtext import Document, Run, RunKind, map_block, runs_of
from syncer.richtext.markup import Markup
from tests.properties.test_text_loop import Nowhere

MARKUPS: dict[str, Markup] = {
    "markdown": GitHubMarkdown("https://github.com", "acme/pay"),
    "wiki": WikiMarkup("https://acme.example", "PAY"),
    "adf": AdfMarkup("https://acme.example", "PAY"),
}
ROUTES = [(here, there) for here in MARKUPS for there in MARKUPS if here != there]
WORD = "Zq"

MARKDOWN = [
    "- aa bb\n- cc", "* aa bb\n* cc", "1. aa bb\n2. cc", "5. aa bb\n6. cc", "1) aa\n1) bb", "- [ ] aa bb\n- [x] cc",
    "- aa\n  - bb cc\n    1. dd\n- ee", "- aa\n\n  bb cc\n\n- dd", "> aa bb\n> cc", "> aa\n> > bb cc",
    "> [!NOTE]\n> aa bb\n>\n> - cc", "|aa bb|cc|\n|:-:|--|\n|dd ee|`x`|", "```js\naa bb\n```", "    aa bb\n    cc",
    "## aa bb", "aa bb\n=====", "***", "<details>\n<summary>aa bb</summary>\n\ncc dd\n\n- ee\n\n</details>",
    "<table><tr><td>aa bb</td><td><ul><li>cc</li></ul></td></tr></table>", '<p align="center">aa <b>bb</b> cc</p>',
    'aa ![x](https://x.example/a.png "t") bb', 'aa <img width="5" src="https://x.example/a.png"> bb',
    "aa <!-- c --> bb", "<!-- block -->", 'aa [bb cc](https://x.example "t") dd', "aa [bb][r] cc", "aa[^1] bb",
    "[^1]: aa bb", r"aa $x\,y$ bb", "$$\naa\\,b\n$$", "<script>\naa bb\n\ncc\n</script>", "aa bb  \ncc\\\ndd",
    "aa &copy; bb &lt;x&gt; cc", "aa @octo bb #12 cc", "aa <kbd>bb</kbd> cc <sub>dd</sub>", "aa __bb__ _cc_ ~dd~ ee",
    "aa **`bb`** ``cc ` dd`` ee", "aa :tada: bb", "- aa\n  > bb cc\n- dd\n  ```\n  x\n  ```\n  ee",
    "- aa\n\n  | bb | cc |\n  |--|--|\n  | dd | ee |", "> ## aa bb\n>\n> cc", "- ## aa bb\n- cc",
]  # fmt: skip
WIKI = [
    "* aa bb\n* cc dd", "- aa bb\n- cc", "# aa bb\n# cc", "* aa\n** bb cc\n*# dd\n* ee",
    "{quote}\naa bb\n\ncc\n{quote}", "bq. aa bb", "{info}aa bb{info}",
    "{panel:title=T|borderStyle=dashed}\naa bb\n* cc\n{panel}",
    "||aa bb||cc||\n|dd ee|{color:red}ff{color} gg|", "||aa||bb||\n|* cc\n* dd|ee|",
    "{code:title=x|java}\naa bb\n{code}", "{noformat}\naa bb\n{noformat}", "h2. aa bb", "----",
    "aa {color:red}bb cc{color} dd", "aa [bb|https://x.example|tip] cc", "aa !a.png|thumbnail! bb", "{anchor:x}aa bb",
    "aa [~lin] bb PAY-7 cc", "aa {{bb cc}} dd", r"aa \*bb\* cc \{x}", r"aa\\bb", "aa (/) bb :) cc", "aa -- bb --- cc",
    "aa &nbsp; bb", "aa [^a.txt] bb", "* aa\nbb cc\n* dd", "* aa\n{code}\nx\n{code}\n* bb",
    "* aa\n{quote}bb{quote}\n* cc", "aa +bb+ ^cc^ ~dd~ ??ee??", "* h2. aa bb\n* cc", "{panel}\nh3. aa bb\ncc\n{panel}",
]  # fmt: skip


def text(words: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def node(kind: str, *content: dict[str, Any] | str, **attrs: Any) -> dict[str, Any]:
    inner = [text(each) if isinstance(each, str) else each for each in content]
    return {"type": kind, **({"attrs": attrs} if attrs else {}), "content": inner}


def paragraph(*content: dict[str, Any] | str) -> dict[str, Any]:
    return node("paragraph", *content)


def listed(kind: str, *items: dict[str, Any] | str, **attrs: Any) -> dict[str, Any]:
    each = [item if isinstance(item, dict) else node("listItem", paragraph(item)) for item in items]
    return node(kind, *each, **attrs)


def tasks(*items: tuple[str, str]) -> dict[str, Any]:
    made = [node("taskItem", words, localId=f"t{n}", state=state) for n, (state, words) in enumerate(items)]
    return node("taskList", *made, localId="tasks")


def decisions(*items: str) -> dict[str, Any]:
    made = [node("decisionItem", words, localId=f"d{n}", state="DECIDED") for n, words in enumerate(items)]
    return node("decisionList", *made, localId="decisions")


def layout(*columns: dict[str, Any]) -> dict[str, Any]:
    return node("layoutSection", *(node("layoutColumn", column, width=50) for column in columns))


def row(*cells: dict[str, Any]) -> dict[str, Any]:
    return node("tableRow", *cells)


def cell(*blocks: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return node("tableCell", *blocks, **attrs)


RED = {"type": "textColor", "attrs": {"color": "#f00"}}
MACRO = {"type": "extension", "attrs": {"extensionType": "x", "extensionKey": "toc"}}
PICTURE = {"type": "media", "attrs": {"type": "external", "url": "https://x.example/a.png", "width": 3}}
CODE = node("codeBlock", "x y", language="js")
ADF = [
    paragraph("aa ", text("bb cc", RED), " dd"), listed("bulletList", "aa bb", "cc"), decisions("aa bb", "cc"),
    listed("orderedList", "aa bb", "cc", order=1), listed("orderedList", "aa", "bb", order=5),
    tasks(("TODO", "aa bb"), ("DONE", "cc")), node("taskList", *tasks(("TODO", "aa bb"))["content"],
    tasks(("DONE", "cc dd")), localId="outer"), CODE, node("heading", "aa ", text("bb", RED), level=2),
    node("panel", paragraph("aa bb"), listed("bulletList", "cc"), panelType="custom", panelColor="#123456"),
    node("expand", paragraph("cc dd"), title="aa bb"),
    node("expand", paragraph("cc dd"), node("nestedExpand", paragraph("ee"), title="bb"), title="aa bb"),
    node("blockquote", paragraph("aa bb"), paragraph("cc")), {"type": "rule"}, MACRO, paragraph(),
    layout(paragraph("aa bb"), listed("bulletList", "cc", "dd")), layout(tasks(("DONE", "aa")), decisions("bb")),
    node("table", row(cell(paragraph("aa bb")), cell(listed("bulletList", "cc", "dd"))),
         row(cell(paragraph("ee")), cell(CODE)),
         row(cell(MACRO), cell(node("panel", paragraph("ff"), panelType="tip")))),
    node("table", row(cell(paragraph("aa"), colspan=2, background="#eee"), cell(paragraph("bb"))),
         row(cell(paragraph("cc dd"), rowspan=2), cell(paragraph("ee"), colwidth=[5]), cell(paragraph("ff"))),
         row(cell(paragraph("gg")), cell(paragraph("hh ii"))), layout="wide"),
    node("bodiedExtension", paragraph("aa bb"), extensionType="x", extensionKey="y"),
    paragraph("aa ", {"type": "emoji", "attrs": {"shortName": ":tada:", "text": "🎉"}}, " bb ",
              {"type": "date", "attrs": {"timestamp": "1700000000000"}}, " cc ",
              {"type": "status", "attrs": {"text": "DONE", "color": "green"}}, " dd ",
              {"type": "mention", "attrs": {"id": "abc", "text": "@lin"}}, " ee"),
    node("mediaSingle", PICTURE, layout="center", width=50), paragraph("aa PAY-7 bb"),
    {**paragraph("aa bb"), "marks": [{"type": "alignment", "attrs": {"align": "center"}}]},
    paragraph("aa bb", {"type": "hardBreak"}, "cc"),
    listed("bulletList", node("listItem", paragraph("aa bb"), CODE, listed("bulletList", "cc")), "dd"),
    listed("bulletList", node("listItem", paragraph("aa"), listed("orderedList", "bb cc", order=3)), "dd"),
    listed("bulletList", node("listItem", paragraph("aa"), node("mediaSingle", PICTURE, layout="center"))),
]  # fmt: skip
CONSTRUCTS: dict[str, list[Any]] = {"markdown": MARKDOWN, "wiki": WIKI, "adf": ADF}


def source_of(markup: str, constructs: Iterable[Any]) -> str:
    """A text of constructs between two paragraphs."""
    if markup == "adf":
        content = [paragraph("first words"), *constructs, paragraph("last words")]
        return json.dumps({"version": 1, "type": "doc", "content": content}, ensure_ascii=False, separators=(",", ":"))
    defined = ['[r]: https://r.example "t"'] if markup == "markdown" else []
    return "\n\n".join(["first words", *constructs, *defined, "last words"])


class Twice:
    """A text of one markup, and what the tracker of another markup shows of it."""

    def __init__(self, here: str, there: str, source: str) -> None:
        self._there = MARKUPS[there]
        self._prose = Prose(PairRules("pay"), {Side.LEFT: self._there, Side.RIGHT: MARKUPS[here]}, Nowhere())
        self.source = source
        self.shown = self._prose.carry(Side.LEFT, Edit(source, None, None), NO_ORIGINS, "").source

    def texts(self) -> list[Run]:
        """The texts that the other side shows, in order."""
        document = self._there.read(self.shown)
        return [run for run in runs_of(document.blocks) if run.kind is RunKind.TEXT and run.text.strip()]

    def with_a_word(self, number: int) -> tuple[str, str]:
        """Both sides after a word was added there, to the `number`-th text: the edited one, and this one."""
        document = self._there.read(self.shown)
        chosen = [run for run in runs_of(document.blocks) if run.kind is RunKind.TEXT and run.text.strip()][number]

        def exchanged(runs: tuple[Run, ...]) -> tuple[Run, ...]:
            return tuple(_longer(run) if run is chosen else run for run in runs)

        target = Document(tuple(map_block(block, exchanged) for block in document.blocks))
        edited = self._there.patch(self.shown, target).source
        return edited, self.back(edited)

    def back(self, edited: str) -> str:
        """This side once the other one, edited, was carried to it."""
        return self._prose.carry(Side.RIGHT, Edit(edited, self.shown, self.source), NO_ORIGINS, "").source


def _longer(run: Run) -> Run:
    """The run with the word at the end of its first one."""
    return replace(run, text=re.sub(r"(\s*\S+)", rf"\1{WORD}", run.text, count=1))


def neighbours(constructs: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each construct with the next one, and with the one two places on."""
    for step in (1, 2):
        yield from zip(constructs, [*constructs[step:], *constructs[:step]], strict=True)
