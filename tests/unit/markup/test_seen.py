"""What people see on one side is what they see on the other: the constructs that trackers show and parsers forget."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup, problems
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import Expand, digest, normalise
from tests.unit.markup.test_constructs import adf, paragraph

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
WIKI = WikiMarkup("https://jira.acme.example", "PAY")
ADF = AdfMarkup("https://acme.example", "PAY")


def nodes(markdown: str) -> list[Any]:
    source = ADF.write(MARKDOWN.read(markdown)).source
    assert not list(problems(json.loads(source)))
    assert ADF.write(ADF.read(source)).source == source
    return list(json.loads(source)["content"])


def kinds(markdown: str) -> list[str]:
    return [node["type"] for node in nodes(markdown)]


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<table><tr><td>1</td><td>2</td></tr></table>", "|  |  |\n| --- | --- |\n| 1 | 2 |"),
        ("<table>\n<tr><th>A</th><th>B</th></tr>\n<tr>\n<td>\n\n**a**\n\n</td><td>b</td></tr>\n</table>",
         "| A | B |\n| --- | --- |\n| **a** | b |"),
        ("<table><thead><tr><th>A<th>B</thead><tr><td>a<td>b</table>", "| A | B |\n| --- | --- |\n| a | b |"),
        ("<table><tr><th colspan=2>A</th></tr><tr><td>a</td><td>b</td></tr></table>",
         "| A |  |\n| --- | --- |\n| a | b |"),
        ("<ul><li>a</li><li>b <b>c</b></li></ul>", "- a\n- b **c**"),
        ("<ul>\n<li>a\n\n- b\n\n</li>\n</ul>", "- a\n  - b"),
        ("<ol start=\"3\">\n<li>one</li>\n<li>two</li>\n</ol>", "3. one\n4. two"),
        ("<pre>\na  b\n  c\n</pre>", "```\na  b\n  c\n```"),
        ("<pre lang=\"py\"><code>a &lt; b</code></pre>", "```py\na < b\n```"),
        ("<details><summary>S</summary>\n<pre>\nx\ny\n</pre>\n</details>",
         "<details>\n<summary>S</summary>\n\n```\nx\ny\n```\n\n</details>"),
        ("<details><summary>S</summary>\n<ul><li>x</li></ul>\n\ntail\n\n</details>",
         "<details>\n<summary>S</summary>\n\n- x\n\ntail\n\n</details>"),
        ("<blockquote>q</blockquote>x", "> q\n\nx"),
        ("copy <code>&lt;!--meta--&gt;</code> and <kbd>Ctrl</kbd>", "copy `<!--meta-->` and `Ctrl`"),
        ("~gone~ and ~~gone~~", "~~gone~~ and ~~gone~~"),
        ("~I don't know.~ Edit: see below", "~~I don't know.~~ Edit: see below"),
        ("~one~~ and ~~~two~~~ and ~5", r"\~one\~\~ and \~\~\~two\~\~\~ and \~5"),
        ("say :+1: `:+1:` 10:30:45 :no_such_name:", "say 👍 `:+1:` 10:30:45 :no_such_name:"),
    ],
)  # fmt: skip
def test_github_shows_both_alike(html: str, markdown: str) -> None:
    assert digest(MARKDOWN.read(html)) == digest(MARKDOWN.read(markdown))
    assert MARKDOWN.patch(html, MARKDOWN.read(markdown)).source == html


def test_what_is_never_closed_takes_nothing_that_follows() -> None:
    assert MARKDOWN.read("<table>\n\nopen\n\n**text**") == MARKDOWN.read("open\n\n**text**")


def test_markdown_in_the_middle_of_preformatted_html_keeps_its_words() -> None:
    source = "<table><tr><td>\n<pre>\n**Hello**,\n\n_world_.\n</pre>\n</td></tr></table>"
    assert "Hello" in WIKI.write(MARKDOWN.read(source)).source
    assert "world" in WIKI.write(MARKDOWN.read(source)).source


def test_a_comment_that_is_never_closed_hides_the_rest() -> None:
    assert MARKDOWN.read("seen\n\n<!-- hidden **x**").blocks == MARKDOWN.read("seen").blocks


def test_an_edit_inside_an_html_table_leaves_the_text_around_it() -> None:
    source = "Before.\n\n<table><tr><td>1</td><td>2</td></tr></table>\n\nAfter."
    edited = WIKI.write(MARKDOWN.read(source)).source.replace("|1|2|", "|1|3|")
    patched = MARKDOWN.patch(source, WIKI.read(edited)).source
    assert patched == source.replace("2", "3")


# --- pictures ---


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Look:\n![image](https://x.example/a.png)\nafter", ["paragraph", "mediaSingle", "paragraph"]),
        ('Look:\r\n<img width="599" alt="image" src="https://x.example/a.png">', ["paragraph", "mediaSingle"]),
        ("![a](https://x.example/a.png) ![b](https://x.example/b.png)", ["mediaSingle", "mediaSingle"]),
        ("one\ntwo\n![a](https://x.example/a.png)", ["paragraph", "mediaSingle"]),
        ("see ![a](https://x.example/a.png) here", ["paragraph", "mediaSingle", "paragraph"]),
        ("- look\n  ![a](https://x.example/a.png)", ["bulletList"]),
        ("> look\n> ![a](https://x.example/a.png)", ["blockquote"]),
        ("- [ ] look ![a](https://x.example/a.png)", ["taskList"]),
        ("# look ![a](https://x.example/a.png)", ["heading"]),
    ],
)
def test_jira_shows_pictures_that_share_a_paragraph(markdown: str, shown: list[str]) -> None:
    assert kinds(markdown) == shown
    inside = json.dumps(nodes(markdown))
    assert inside.count("mediaSingle") == (0 if shown[0] in {"taskList", "heading"} else inside.count('"media"'))


# --- code ---


def test_struck_code_is_struck_text_in_adf_and_stays_apart() -> None:
    inline = nodes("run ~~`quit`~~`stop` x")[0]["content"]
    assert [(node["text"], [mark["type"] for mark in node.get("marks", [])]) for node in inline] == [
        ("run ", []),
        ("quit", ["strike"]),
        ("stop", ["code"]),
        (" x", []),
    ]


@pytest.mark.parametrize(
    ("one", "source"), [(MARKDOWN, "**`a`**`b`"), (WIKI, "{{a}}{{b}}"), (MARKDOWN, "<code>a</code><code>b</code>")]
)
def test_two_pieces_of_code_stay_two(one: GitHubMarkdown | WikiMarkup, source: str) -> None:
    document = one.read(source)
    assert '"text":" "' in ADF.write(document).source
    assert WIKI.write(document).source in {"{{a}} {{b}}", "*{{a}}* {{b}}"}
    assert "`b`" in MARKDOWN.write(document).source
    assert one.patch(source, document).source == source


def test_code_that_a_colour_divides_is_one_piece() -> None:
    red = {"type": "textColor", "attrs": {"color": "#f00"}}
    code = [{"type": "code"}]
    source = adf(
        paragraph({"type": "text", "text": "qu", "marks": code}, {"type": "text", "text": "it", "marks": [*code, red]})
    )
    assert MARKDOWN.write(ADF.read(source)).source == "`quit`"


# --- addresses ---


@pytest.mark.parametrize(
    ("wiki", "markdown"),
    [
        ("see http://a.example/x<b> y", "see <http://a.example/x>\\<b> y"),
        ("http://a.example/x. Then", "http://a.example/x. Then"),
        ("(http://a.example/x)", "(http://a.example/x)"),
        ("http://a.example/x*b*", "http://a.example/x*b*"),
        ("[PR](http://a.example/1) b", "[PR\\](<http://a.example/1>) b"),
        ("an [open one http://a.example/1", "an [open one <http://a.example/1>"),
        ("[a] {{[}} \\[b http://a.example/1", "[a] `[` [b <http://a.example/1>"),
        ("[a|http://b.example] http://a.example/1", "[a](http://b.example) http://a.example/1"),
    ],
)
def test_a_bare_address_ends_on_github_where_it_does_in_jira(wiki: str, markdown: str) -> None:
    document = WIKI.read(wiki)
    assert MARKDOWN.write(document).source == markdown
    assert digest(MARKDOWN.read(MARKDOWN.write(document).source)) == digest(document)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("http://a.example/x\\<b>", "http://a.example/x%5C"),
        ("https://a.example/x后面 y", "https://a.example/x后面"),
        ("http://a.example/x&amp; y", "http://a.example/x"),
        ("http://a_b.example/x", "http://a_b.example/x"),
        ("ftp://a.example/x, y", "ftp://a.example/x"),
    ],
)
def test_a_bare_address_is_read_as_github_reads_it(source: str, address: str) -> None:
    assert MARKDOWN.read(source).blocks[0].runs[0].link == address  # type: ignore[union-attr]


# --- what only Jira has ---


def layout(*columns: dict[str, Any]) -> dict[str, Any]:
    made = [{"type": "layoutColumn", "attrs": {"width": 50}, "content": [column]} for column in columns]
    return {"type": "layoutSection", "content": made}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


MACRO = {
    "type": "bodiedExtension",
    "attrs": {"extensionType": "x", "extensionKey": "y"},
    "content": [paragraph(text("Inside"))],
}
DECISIONS = {
    "type": "decisionList",
    "attrs": {"localId": "d"},
    "content": [
        {"type": "decisionItem", "attrs": {"localId": str(n), "state": "DECIDED"}, "content": [text(f"Use {n}")]}
        for n in range(2)
    ],
}


def carried_back(source: str, old: str, new: str) -> str:
    shown = MARKDOWN.write(ADF.read(source)).source
    assert old in shown
    return ADF.patch(source, MARKDOWN.read(shown.replace(old, new))).source


@pytest.mark.parametrize("word", ["Left", "Right", "Inside", "Use 1", "Before"])
def test_what_a_layout_macro_or_decision_says_is_shown_and_edited_in_its_place(word: str) -> None:
    source = adf(paragraph(text("Before")), layout(paragraph(text("Left")), paragraph(text("Right"))), MACRO, DECISIONS)
    assert carried_back(source, word, "New words") == source.replace(word, "New words")


def test_a_decision_added_on_github_is_a_decision() -> None:
    patched = json.loads(carried_back(adf(DECISIONS), "- Use 1", "- Use 1\n- Use more"))
    assert [item["type"] for item in patched["content"][0]["content"]] == ["decisionItem"] * 3


def test_text_added_behind_a_layout_stands_behind_it() -> None:
    source = adf(layout(paragraph(text("Left")), paragraph(text("Right"))))
    patched = json.loads(carried_back(source, "Right", "Right\n\n## Then"))
    assert [node["type"] for node in patched["content"]] == ["layoutSection", "heading"]


def test_a_layout_of_which_nothing_is_left_goes() -> None:
    source = adf(layout(paragraph(text("Left")), paragraph(text("Right"))), paragraph(text("After")))
    assert json.loads(carried_back(source, "Left\n\nRight\n\n", ""))["content"] == [paragraph(text("After"))]
    emptied = json.loads(carried_back(source, "Left\n\n", ""))["content"][0]
    assert [column["content"] for column in emptied["content"]] == [[paragraph()], [paragraph(text("Right"))]]


def test_every_file_of_a_group_and_in_a_line_is_shown_by_its_name() -> None:
    media = [
        {"type": "media", "attrs": {"type": "file", "id": f"abc-{n}", "collection": "", "alt": f"log{n}.txt"}}
        for n in (1, 2)
    ]
    inline = {"type": "mediaInline", "attrs": {"type": "file", "id": "abc-3", "collection": "", "alt": "app.log"}}
    source = adf({"type": "mediaGroup", "content": media}, paragraph(text("see "), inline))
    shown = MARKDOWN.write(ADF.read(source)).source
    assert shown == "![log1.txt](media:abc-1)\n![log2.txt](media:abc-2)\n\nsee ![app.log](media:abc-3)"
    assert carried_back(source, "see ", "look at ") == source.replace("see ", "look at ")


def test_nested_sections_are_nested_in_jira() -> None:
    source = "<details><summary>A</summary>\n\n<details><summary>B</summary>\n\nx\n\n</details>\n\n</details>"
    (outer,) = nodes(source)
    assert (outer["type"], outer["content"][0]["type"], outer["content"][0]["attrs"]) == (
        "expand",
        "nestedExpand",
        {"title": "B"},
    )
    edited = ADF.patch(ADF.write(MARKDOWN.read(source)).source, MARKDOWN.read(source.replace("x", "y"))).source
    assert '"nestedExpand"' in edited
    assert normalise(ADF.read(edited)) == MARKDOWN.read(source.replace("x", "y"))


@pytest.mark.parametrize("source", ["Text[^1]\n\n[^1]: foot", "Text[^1]\n\n[^1]: https://a.example/x"])
def test_a_footnote_stays_readable(source: str) -> None:
    for markup in (WIKI, ADF):
        shown = markup.write(MARKDOWN.read(source)).source
        assert source.rpartition(": ")[2] in shown
        assert digest(markup.read(shown)) == digest(MARKDOWN.read(source))


def test_a_line_separator_is_a_line_break() -> None:
    assert MARKDOWN.write(WIKI.read("a\u2028b")).source == "a\nb"


@pytest.mark.parametrize(
    ("wiki", "markdown"),
    [
        ("a (/) b (x) c (!) :)", "a ✅ b ❌ c ⚠️ 🙂"),
        ("mem(*):1024 but (x)y", "mem⭐:1024 but (x)y"),
        ("x -- y --- z --no", "x – y — z --no"),
        ("a &lt;c&gt; &quot;d&quot; &bogus;", 'a \\<c> "d" \\&bogus;'),
        (r"\(x) :\) \-- y", "(x) :) -- y"),
        ("so:-) ;-) :-( :-D :-Dx", "so🙂 😉 😞 😃 :-Dx"),
        (r"a\.b\,c\:d", r"a\\.b\\,c\\:d"),
        (r"\-\#\*\_\+\?\^\~\|\%\{\}\[\]\(\)\!\@x", "-#\\*\\_+?^~|%{}[\\]()!@\u2060x"),
        ("- a\n-- b\n--- c\n- d", "- a\n  - b\n    - c\n- d"),
        ("* a\n  -- b", "- a\n  - b"),
        ("a\n-- b", "a\n– b"),
    ],
)
def test_github_shows_the_characters_that_jira_shows(wiki: str, markdown: str) -> None:
    assert MARKDOWN.write(WIKI.read(wiki)).source == markdown


@pytest.mark.parametrize(
    "said",
    [
        "at :( and :) and ;) ok", "so :-) and ;-) or :-( ok", "(x) f(y) (/)", "git diff -- path", "10:D or :-P",
        "&amp;lt; x", "mem(*):1", "h1. is no heading", "bq. nor this", "C:\\dir\\(x86)\\",
        "a {b} [c|d] (e), f: *g_ - ~h^ +i ??j \"k\" 5%!", "\\\\*",
        "39^3^ [`x`,1), \"a\":<b> *c",
    ],
)  # fmt: skip
def test_what_only_looks_like_markup_on_github_stays_text_in_jira(said: str) -> None:
    document = MARKDOWN.read(said)
    written = WIKI.write(document).source
    assert digest(WIKI.read(written)) == digest(document)
    assert not re.search(r"\\(?![-#*_+?^~|%{}\[\]()!@]|dir|$)", written), "Jira would show this backslash"


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("https://a.example/x: y", "[https://a.example/x]: y"),
        ("(https://a.example/x): y", "([https://a.example/x]): y"),
        ("https://a.example/x, y", "https://a.example/x, y"),
        ("https://a.example/x (of y)", "https://a.example/x (of y)"),
        ("https://a.example/x_(y)", "[https://a.example/x_(y)]"),
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x\ny", "https://a.example/x\ny"),
        ("see https://a.example/x.", "see https://a.example/x."),
        ("<https://a.example/x>**y**", "[https://a.example/x]*y*"),
    ],
)
def test_a_bare_address_ends_in_jira_where_it_does_on_github(markdown: str, wiki: str) -> None:
    document = MARKDOWN.read(markdown)
    assert WIKI.write(document).source == wiki
    assert digest(WIKI.read(wiki)) == digest(document)


def test_an_escape_behind_a_break_in_a_cell_is_one() -> None:
    document = MARKDOWN.read("| a |\n| - |\n| x<br>\\*y\\* |")
    written = WIKI.write(document).source
    assert written.endswith(r"|x\\ \*y\*|")
    assert digest(WIKI.read(written)) == digest(document)


def test_a_name_with_brackets_keeps_the_link_of_a_mention() -> None:
    mention = {"type": "mention", "attrs": {"id": "abc", "text": "@O'Brien [PM|2]"}}
    written = WIKI.write(ADF.read(adf(paragraph(mention)))).source
    assert written == "[@O'Brien (PM/2)|https://acme.example/jira/people/abc]"


def test_a_shortcode_that_somebody_typed_in_jira_stays_text_on_github() -> None:
    shown = MARKDOWN.write(WIKI.read("say :tada: please")).source
    assert shown == "say :\u2060tada: please"
    assert digest(MARKDOWN.read(shown)) == digest(WIKI.read("say :tada: please"))


UNKNOWN = {"type": "newNode", "attrs": {"localId": "n"}, "content": [paragraph(text("Some")), paragraph(text("More"))]}


def test_what_an_unknown_node_says_is_shown_and_edited_in_its_place() -> None:
    source = adf(paragraph(text("Before")), UNKNOWN)
    assert carried_back(source, "Some", "New words") == source.replace("Some", "New words")


def test_the_words_of_an_unknown_node_are_shown() -> None:
    task = {"type": "blockTaskItem", "attrs": {"state": "DONE", "localId": "b"}, "content": [paragraph(text("task"))]}
    odd = {
        "type": "newNode",
        "content": [text("some "), {"type": "text", "text": "words", "marks": [{"type": "strong"}]}],
    }
    inline = paragraph({"type": "newInline", "content": [text("inside")]})
    source = adf(task, odd, inline, {"type": "taskList", "attrs": {"localId": "l"}, "content": [task]})
    shown = MARKDOWN.write(ADF.read(source)).source
    assert shown == "task\n\nsome **words**\n\ninside\n\n- [x] task"
    assert ADF.patch(source, ADF.read(source)).source == source


@pytest.mark.parametrize("kind", ["file", "link", "video"])
def test_every_kind_of_file_is_shown_by_its_name(kind: str) -> None:
    media = {"type": "media", "attrs": {"type": kind, "id": "abc-1", "collection": "", "alt": "demo.mov"}}
    assert (
        MARKDOWN.write(ADF.read(adf({"type": "mediaSingle", "content": [media]}))).source == "![demo.mov](media:abc-1)"
    )


def test_an_emoji_that_a_document_only_names_is_the_character() -> None:
    named = [{"type": "emoji", "attrs": {"shortName": name}} for name in (":smile:", ":evilburns:")]
    assert MARKDOWN.write(ADF.read(adf(paragraph(*named)))).source == "😄:evilburns:"


def test_a_section_in_an_item_opens_on_github() -> None:
    source = "- one\n\n  <details>\n  <summary>More</summary>\n\n  inside\n\n  - b\n\n  </details>\n\n  after\n- two"
    document = MARKDOWN.read(source)
    assert MARKDOWN.write(document).source == source
    assert [type(block) for block in document.blocks[0].items[0].blocks][1] is Expand  # type: ignore[union-attr]


def test_icons_of_jira_cloud_are_characters() -> None:
    icon = {"type": "emoji", "attrs": {"shortName": ":check_mark:", "text": ":check_mark:"}}
    assert MARKDOWN.write(ADF.read(adf(paragraph(icon, {"type": "text", "text": " done"})))).source == "✅ done"
