"""Construct by construct: what one side writes is what the other side shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import Document, Mark, Paragraph, Run, RunKind, digest, map_runs, normalise, plain_text
from syncer.richtext.carrying import carried

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
WIKI = WikiMarkup("https://jira.acme.example", "PAY")
ADF = AdfMarkup("https://acme.example", "PAY")


def adf(*nodes: dict[str, Any]) -> str:
    return json.dumps({"version": 1, "type": "doc", "content": nodes}, ensure_ascii=False, separators=(",", ":"))


def paragraph(*inline: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(inline), **attributes}


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("**bold** *slanted* ~~gone~~ <ins>new</ins>", "*bold* _slanted_ -gone- +new+"),
        ("这是**重点**内容", "这是{*}重点{*}内容"),
        ("H<sub>2</sub>O", "H{~}2{~}O"),
        ("运行`make`命令", "运行 {{make}} 命令"),
        ("`a{b}|c`", r"{{a\{b\}\|c}}"),
        ("first\nsecond", "first\nsecond"),
        ("- a\n  - b\n- c", "* a\n** b\n* c"),
        ("1. a\n2. b", "# a\n# b"),
        ("- [ ] open\n- [x] done", "* ☐ open\n* ☑ done"),
        ("```python\nx = {}\n```", "{code:python}\nx = {}\n{code}"),
        ("```\nplain\n```", "{noformat}\nplain\n{noformat}"),
        ("> said", "{quote}\nsaid\n{quote}"),
        ("> [!WARNING]\n> careful", "{panel:bgColor=#fffae6}\ncareful\n{panel}"),
        ("<details>\n<summary>More</summary>\n\nhidden\n\n</details>", "{panel:title=▸ More}\nhidden\n{panel}"),
        ("| a | b |\n| --- | --- |\n| x \\| y | 1<br>2 |", "||a||b||\n|x \\| y|1\\\\2|"),
        ("[text](https://a.example/x)", "[text|https://a.example/x]"),
        ("![plan](https://a.example/p.png)", "!https://a.example/p.png|alt=plan!"),
        ("# Title", "h1. Title"),
        ("---", "----"),
    ],
)
def test_markdown_and_wiki_say_the_same(markdown: str, wiki: str) -> None:
    assert WIKI.write(MARKDOWN.read(markdown)).source == wiki
    assert digest(WIKI.fitted(MARKDOWN.read(markdown))) == digest(WIKI.read(wiki))


def test_emphasis_that_markdown_cannot_mark_is_a_tag() -> None:
    assert MARKDOWN.write(WIKI.read("{*}注意：{*}必须")).source == "<strong>注意：</strong>必须"


def test_a_plain_newline_of_github_is_a_hard_break_in_adf() -> None:
    nodes = json.loads(ADF.write(MARKDOWN.read("a\nb")).source)["content"]
    assert [node["type"] for node in nodes[0]["content"]] == ["text", "hardBreak", "text"]


def test_tasks_have_the_same_ids_each_time() -> None:
    document = MARKDOWN.read("- [ ] a\n- [x] b\n  - [ ] c")
    source = ADF.write(document).source
    assert source == ADF.write(MARKDOWN.read(MARKDOWN.write(ADF.read(source)).source)).source
    assert json.loads(source)["content"][0]["type"] == "taskList"


@pytest.mark.parametrize(
    "said",
    ["@octo", "(@octo)", "cc:@octo", '"@octo"', "请@octo看", "@acme/core", "#12", "other/repo#3", "GH-7", "Fixes #12"],
)
def test_text_from_jira_notifies_nobody_on_github(said: str) -> None:
    written = MARKDOWN.write(WIKI.read(said)).source
    assert "\u2060" in written
    assert plain_text(MARKDOWN.read(written)) == said


def test_a_mention_is_a_link_that_is_lifted_back() -> None:
    page = "https://github.com/octo"
    shown = WIKI.write(MARKDOWN.read("hello @octo")).source
    assert shown == f"hello [@octo|{page}]"
    assert MARKDOWN.write(WIKI.read(shown), live={page}).source == "hello @octo"
    assert "@octo" not in MARKDOWN.write(WIKI.read(shown)).source


def test_native_mentions_of_jira() -> None:
    assert next(iter(WIKI.read("[~lin]").blocks[0].runs)).target.endswith("ViewProfile.jspa?name=lin")  # type: ignore[union-attr]
    source = adf(paragraph({"type": "mention", "attrs": {"id": "5b1:2", "text": "@Lin"}}))
    page = "https://acme.example/jira/people/5b1:2"
    assert ADF.read(source) == Document((Paragraph((Run("Lin", RunKind.MENTION, target=page),)),))
    assert '"type":"mention"' in ADF.write(ADF.read(source), live={page}).source
    assert '"type":"mention"' not in ADF.write(ADF.read(source)).source


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("see #12", "https://github.com/acme/pay/issues/12"),
        ("see other/repo#3", "https://github.com/other/repo/issues/3"),
        ("see https://github.com/acme/pay/issues/12", "https://github.com/acme/pay/issues/12"),
        ("see [PAY-7](https://acme.example/browse/PAY-7)", "https://acme.example/browse/PAY-7"),
    ],
)
def test_references_are_lifted(source: str, target: str) -> None:
    run = MARKDOWN.read(source).blocks[0].runs[-1]  # type: ignore[union-attr]
    assert (run.kind, run.target) == (RunKind.REFERENCE, target)
    quiet = "see [other/repo#\u20603](https://redirect.github.com/other/repo/issues/3)"
    assert MARKDOWN.write(MARKDOWN.read(source)).source in {source, "see #12", quiet}


def test_a_link_to_a_task_with_another_text_stays_a_link() -> None:
    run = MARKDOWN.read("[the plan](https://acme.example/browse/PAY-7)").blocks[0].runs[0]  # type: ignore[union-attr]
    assert (run.kind, run.link) == (RunKind.TEXT, "https://acme.example/browse/PAY-7")


def test_bare_keys_and_smart_links_of_jira_are_references() -> None:
    card = adf(paragraph({"type": "inlineCard", "attrs": {"url": "https://acme.example/browse/PAY-7"}}))
    assert digest(ADF.read(card)) == digest(ADF.read(adf(paragraph({"type": "text", "text": "PAY-7"}))))
    assert WIKI.write(WIKI.read("see PAY-7")).source == "see PAY-7"


def test_references_can_be_exchanged() -> None:
    def exchange(run: Run) -> Run:
        return Run("PAY-7", RunKind.REFERENCE, target="https://jira.acme.example/browse/PAY-7") if run.target else run

    assert WIKI.write(map_runs(MARKDOWN.read("see #12"), exchange)).source == "see PAY-7"


def test_dangerous_addresses_are_not_linked() -> None:
    assert MARKDOWN.read("[x](javascript:alert)").blocks == (Paragraph((Run("x"),)),)
    assert WIKI.read("[x|javascript:alert]").blocks == (Paragraph((Run("x"),)),)


TEMPLATE = """<!-- Please fill in -->
### What happens

It *breaks* with @octo.
Second line.

[log]: https://a.example/log

* one
+ two

See [the log][log].
"""


def test_a_patch_touches_the_edited_line_only() -> None:
    document = MARKDOWN.read(TEMPLATE.replace("Second line.", "Another line."))
    assert MARKDOWN.patch(TEMPLATE, document).source == TEMPLATE.replace("Second line.", "Another line.")


def test_a_patch_keeps_what_is_hidden_when_a_block_goes() -> None:
    patched = MARKDOWN.patch(TEMPLATE, MARKDOWN.read(TEMPLATE.replace("### What happens\n\n", ""))).source
    assert "<!-- Please fill in -->" in patched
    assert "[log]: https://a.example/log" in patched
    assert "### What" not in patched


def test_a_patch_of_wiki_keeps_macros_and_line_ends() -> None:
    source = "{panel:bgColor=#fff}\r\nkept\r\n{panel}\r\n\r\nold\r\n\r\n{code:title=x|java}\r\n1\r\n{code}"
    document = WIKI.read(source.replace("old", "new"))
    assert WIKI.patch(source, document).source == source.replace("old", "new")


def test_a_patch_of_adf_keeps_attributes_and_unknown_nodes() -> None:
    layout = {
        "type": "layoutSection",
        "content": [{"type": "layoutColumn", "attrs": {"width": 50}, "content": [paragraph()]}],
    }
    coloured = {"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#f00"}}]}
    source = adf(layout, paragraph(coloured, {"type": "text", "text": " old"}, attrs={"localId": "a"}))
    shown = MARKDOWN.read(MARKDOWN.write(ADF.read(source)).source.replace("old", "new"))
    assert ADF.patch(source, shown).source == source.replace("old", "new")


def test_an_edit_of_a_poorer_showing_leaves_the_rest_rich() -> None:
    source = "> a\n> > b\n\nold"
    shown = WIKI.read(WIKI.write(MARKDOWN.read(source)).source)
    edited = WIKI.read(WIKI.write(shown).source.replace("old", "new"))
    target = carried(MARKDOWN.read(source), shown, edited)
    assert MARKDOWN.patch(source, target).source == source.replace("old", "new")


@pytest.mark.parametrize(
    "shielded", ["`@octo`", "```\n@octo\n```", "<!-- @octo -->", "[@octo](https://github.com/octo)"]
)
def test_a_name_that_notified_nobody_does_not_begin_to(shielded: str) -> None:
    said = Document((Paragraph((Run("Ask "), Run("octo", RunKind.MENTION, target="https://github.com/octo"))),))
    assert "@octo" not in MARKDOWN.patch(f"{shielded}\n\nAsk.", said).source.replace(shielded, "")
    assert MARKDOWN.patch("Say @octo.", said).source == "Ask @octo"


def test_a_mention_that_touches_a_letter_is_a_link() -> None:
    page = "https://github.com/octo"
    said = normalise(Document((Paragraph((Run("a"), Run("octo", RunKind.MENTION, target=page))),)))
    assert digest(MARKDOWN.read(MARKDOWN.write(said, live={page}).source)) == digest(said)


@pytest.mark.parametrize("markup", [MARKDOWN, WIKI, ADF])
def test_a_long_text_is_cut_at_a_block(markup: GitHubMarkdown | WikiMarkup | AdfMarkup) -> None:
    document = normalise(Document(tuple(Paragraph((Run("word " * 100),)) for _ in range(200))))
    written = markup.write(document, continued_at="https://a.example/12")
    assert written.truncated
    assert "https://a.example/12" in written.source
    assert len(plain_text(markup.read(written.source))) <= 65_536


@pytest.mark.parametrize("markup", [MARKDOWN, WIKI, ADF])
@pytest.mark.parametrize(
    "source", ["", "\0", "\ud800", "\r", "[" * 500, "{" * 500, "\u202e", "<" * 300, '{"type":"doc"}', "[]", "null"]
)
def test_nothing_raises(markup: GitHubMarkdown | WikiMarkup | AdfMarkup, source: str) -> None:
    document = markup.read(source)
    assert markup.patch(source, document).source == source
    assert digest(document)


def test_marks_never_hold_outer_blanks() -> None:
    strong = frozenset({Mark.STRONG})
    assert normalise(Document((Paragraph((Run("a"), Run(" b ", marks=strong), Run("c"))),))) == normalise(
        Document((Paragraph((Run("a "), Run("b", marks=strong), Run(" c"))),))
    )
