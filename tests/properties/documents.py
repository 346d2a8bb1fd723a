"""Generated documents: every shape of the canonical document, with text that is hard to keep."""

from __future__ import annotations

from hypothesis import strategies as st

from syncer.richtext import (
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
)

HARD = [
    "@octo",
    "(@octo)",
    "cc:@octo",
    '"@octo"',
    "*@octo*",
    "@acme/core",
    "#12",
    "acme/pay#3",
    "GH-7",
    "fixes #1",
    "Closes: #22",
    "PAY-7",
    "[~lin]",
    "[~accountid:5b1]",
    "a_b_c",
    "**x**",
    "*a",
    "_b_",
    "-c-",
    "+d+",
    "^e^",
    "~f~",
    "~~g~~",
    "??h??",
    "{{i}}",
    "{code}",
    "{quote}",
    "{panel}",
    "{*}",
    "{color:red}",
    "[x]",
    "[ ]",
    "[a|http://b.example]",
    "[a](http://b.example)",
    "![p](q.png)",
    "!p.png!",
    "<b>",
    "<!-- c -->",
    "</details>",
    "<script>",
    "&amp;",
    "&#64;octo",
    "\\",
    "\\\\",
    "`",
    "``",
    "|",
    "||",
    "h1.",
    "bq.",
    "# ",
    "## x",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "1) ",
    "> ",
    "----",
    "---",
    "===",
    "```",
    "~~~",
    "http://a.example/x_y_z",
    "https://a.example/(b)",
    "www.a.example",
    "mail@a.example",
    "javascript:alert(1)",
    "重点",
    "注意：",
    "（全角）",
    "。",
    "汉字",
    "😀",
    "\u200b",
    "\u202e",
    "(y)",
    ":)",
    "(/)",
    "$a$",
    "[^1]",
    "C++",
    "i18n",
    "snake_case_name",
    "x",
    "word",
    "List<String>",
    "a.b",
    "!",
    "?",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "'",
    "…",
    "\u3000",
    "\u00a0",
]
text = st.lists(
    st.sampled_from(HARD) | st.text(alphabet="ab *_-+~^`[]{}()|!@#<>&\\.:重，1\n", max_size=6), min_size=1, max_size=5
).map(" ".join) | st.lists(st.sampled_from(HARD), min_size=1, max_size=3).map("".join)
marks = st.frozensets(st.sampled_from(list(Mark)), max_size=2)
addresses = st.sampled_from(
    [
        "http://a.example/x",
        "https://a.example/b_c_(d)",
        "https://github.com/acme/pay/issues/12",
        "https://acme.example/browse/PAY-7",
        "mailto:a@b.example",
        "docs/a.md",
    ]
)
people = st.sampled_from(
    [
        "https://github.com/octo",
        "https://acme.example/jira/people/5b1:2",
        "https://acme.example/secure/ViewProfile.jspa?name=lin",
    ]
)
tasks = st.sampled_from(
    [
        "https://github.com/acme/pay/issues/12",
        "https://github.com/other/repo/issues/3",
        "https://acme.example/browse/PAY-7",
        "https://acme.example/browse/OPS-1",
    ]
)
pictures = st.sampled_from(["https://a.example/p.png", "http://a.example/badge", "shot.png"])
runs = st.one_of(
    st.builds(Run, text, st.just(RunKind.TEXT), marks),
    st.builds(Run, text, st.just(RunKind.TEXT), marks, addresses),
    st.builds(Run, text, st.just(RunKind.CODE), marks),
    st.just(Run("", RunKind.BREAK)),
    st.builds(lambda name, page: Run(name, RunKind.MENTION, target=page), text, people),
    st.builds(lambda page, m: Run("", RunKind.REFERENCE, m, target=page), tasks, marks),
    st.builds(lambda alt, page: Run(alt, RunKind.IMAGE, target=page), text, pictures),
)
inline = st.lists(runs, min_size=1, max_size=4).map(tuple)
paragraphs = st.builds(Paragraph, inline)
code = st.builds(
    CodeBlock,
    st.sampled_from(["x = 1", "```\ncode\n```", "{code}", "{noformat}", "a\n\n  b", "@octo #12", "", "~~~", "{quote}"]),
    st.sampled_from(["", "python", "c++", "c#"]),
)


def _containers(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    items = st.lists(st.builds(ListItem, several, st.sampled_from([None, None, True, False])), min_size=1, max_size=3)
    cells = st.lists(st.builds(Cell, st.lists(inner, max_size=2).map(tuple), st.booleans()), min_size=1, max_size=3)
    return st.one_of(
        st.builds(Quote, several),
        st.builds(ListBlock, items.map(tuple), st.booleans(), st.sampled_from([1, 1, 3])),
        st.builds(Panel, st.sampled_from(["note", "info", "tip", "warning", "caution"]), several),
        st.builds(Expand, text, several),
        st.builds(Table, st.lists(cells.map(tuple), min_size=1, max_size=3).map(tuple)),
    )


leaves: st.SearchStrategy[Block] = st.one_of(
    paragraphs, paragraphs, st.builds(Heading, st.integers(1, 6), inline), code, st.just(Rule())
)
blocks = st.recursive(leaves, _containers, max_leaves=6)
documents = st.lists(blocks, max_size=4).map(lambda several: Document(tuple(several)))
