"""The Markdown parser as GitHub sets it (markdown-it-py with six rules of ours), and the HTML within a line.

Three rules are GitHub's (bare addresses, footnotes, mathematics), two are short cuts through rules that cannot match:
most lines of an issue are prose, and the library tries every block at every line, and every inline rule at every
character. The sixth leaves alone what no person wrote: the library's time grows with the square of what is open in one
paragraph.

Known tags become marks, code, breaks, pictures and links; other known tags vanish and leave their content, as in a
browser; anything that is no tag of HTML (`List<String>`) is what its author meant: text. So are the tags that GitHub
disallows (https://github.github.com/gfm/#disallowed-raw-html-extension-). Tags that hold blocks are the matter of
`html_tree`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from syncer.richtext import LINE_BREAK, Mark, Run, RunKind
from syncer.richtext.markdown.autolinks import autolink

MARK_TAGS = {
    "b": Mark.STRONG,
    "strong": Mark.STRONG,
    "i": Mark.EMPHASIS,
    "em": Mark.EMPHASIS,
    "cite": Mark.EMPHASIS,
    "var": Mark.EMPHASIS,
    "s": Mark.STRIKE,
    "del": Mark.STRIKE,
    "strike": Mark.STRIKE,
    "ins": Mark.UNDERLINE,
    "u": Mark.UNDERLINE,
    "sub": Mark.SUBSCRIPT,
    "sup": Mark.SUPERSCRIPT,
}
CODE_TAGS = frozenset({"code", "kbd", "samp", "tt"})
PARAGRAPH_TAGS = frozenset(
    re.findall(
        r"\S+",
        """
p div li tr table ul ol section article blockquote center dl dt dd details summary figure header footer pre
""",
    )
)
"""Tags at whose edges a paragraph ends."""
KNOWN = frozenset(
    re.findall(
        r"\S+",
        """
abbr article aside bdi bdo big blockquote body button caption center col colgroup data dd details dfn dir div
dl dt fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr html label legend li main mark
nav ol optgroup option p picture pre q rp rt ruby section select small source span summary table tbody td
tfoot th thead time tr ul wbr
""",
    )
)
"""Tags that show nothing by themselves."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/?>")
_ATTRIBUTE = re.compile(r"""([A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_HIDING = re.compile(r"<!--|<\?|<!\[CDATA\[|<![A-Za-z]", re.IGNORECASE)
_ENDS = {"<!--": "-->", "<?": "?>", "<![cdata[": "]]>"}


@dataclass(frozen=True, slots=True)
class InlineTag:
    """What one inline tag means: a mark, code, the edge of a link, or a run; nothing when it is silent."""

    mark: Mark | None = None
    closing: bool = False
    code: bool = False
    anchor: bool = False
    link: str = ""
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag, its name in lower case."""

    source: str
    name: str
    closing: bool
    attributes: dict[str, str]

    @property
    def known(self) -> bool:
        """Whether HTML has it; else it is text."""
        return self.name in KNOWN or self.name in MARK_TAGS or self.name in CODE_TAGS or self.name in {"a", "br", "img"}


def inline_tag(source: str) -> InlineTag:  # noqa: PLR0911  # one case a tag
    """The meaning of one piece of inline HTML as markdown-it cuts it."""
    tag = next(iter(html_parts(source)), "")
    if tag == "":
        return InlineTag()
    if isinstance(tag, str) or not tag.known:
        return InlineTag(run=Run(source))
    if tag.name in MARK_TAGS:
        return InlineTag(mark=MARK_TAGS[tag.name], closing=tag.closing)
    if tag.name in CODE_TAGS:
        return InlineTag(code=True, closing=tag.closing)
    if tag.name == "br" or tag.name in PARAGRAPH_TAGS:
        return InlineTag(run=LINE_BREAK)
    if tag.name == "a":
        return InlineTag(anchor=True, closing=tag.closing, link=tag.attributes.get("href", ""))
    return InlineTag(run=picture(tag) if tag.name == "img" else None)


def picture(tag: Tag) -> Run:
    """The image that a tag `img` shows."""
    return Run(tag.attributes.get("alt", ""), RunKind.IMAGE, target=tag.attributes.get("src", ""))


def html_parts(source: str) -> Iterator[Tag | str]:
    """The tags of HTML source and the text between them, without what a browser hides."""
    visible = _visible(source)
    done = 0
    for found in _TAG.finditer(visible):
        if found.start() > done:
            yield visible[done : found.start()]
        yield Tag(found[0], found[2].lower(), bool(found[1]), _attributes(found[3]))
        done = found.end()
    if done < len(visible):
        yield visible[done:]


def _visible(source: str) -> str:
    """The source without comments and declarations; what is never closed goes on to the end."""
    parts: list[str] = []
    at = 0
    while found := _HIDING.search(source, at):
        parts.append(source[at : found.start()])
        closing = _ENDS.get(found[0].lower(), ">")
        end = source.find(closing, found.start() + (2 if closing == "-->" else found.end() - found.start()))
        at = end + len(closing) if end >= 0 else len(source)
    parts.append(source[at:])
    return "".join(parts)


def _attributes(source: str) -> dict[str, str]:
    return {
        found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(source)
    }


_BLOCK_SIGNS = frozenset("#>-+*_=~`<|:[0123456789")
"""Characters that the first line of a block other than a paragraph, or the underline of a heading, begins with."""
_ITEM = re.compile(r"-[ \t]+[^ \t\n]")
_RULE_START = re.compile(r"[\n\\`~*_\[\]<&$]|!(?=\[)|:(?=//)")
MATHEMATICS = re.compile(
    r"(?<![\\\w$])(?:\$\$(?!\$)(?:[^$\\]|\\.)+\$\$|\$(?![\s$`])(?:[^$\\\n]|\\[^\n])*(?<!\s)\$)(?![\w$])", re.DOTALL
)
"""`$a\\,b$` and `$$a$$`, in which nothing is Markdown: docs.github.com, "Writing mathematical expressions".

GitHub does not say where a dollar begins none. Here: beside a letter or digit, before a blank (pandoc's rule).
"""
_SCHEME = re.compile(r"(?<![A-Za-z])(?:https?|ftp)$", re.IGNORECASE)
_ACTIVE = re.compile(r"(?<!\\)[`*_\[<~!&]")
MAX_ACTIVE = 4_000
"""Characters of one paragraph that could begin markup, above which it is not parsed. A page of prose has a hundred."""


def parser() -> MarkdownIt:
    """A parser without typographic changes, which keeps addresses as written."""
    made = MarkdownIt("commonmark", {"maxNesting": 40, "strikethrough_single_tilde": True}).enable(
        ["table", "strikethrough"]
    )
    made.core.ruler.at("inline", _inline)
    made.block.ruler.at("reference", _definition)
    made.block.ruler.before("table", "prose", _prose)
    made.inline.ruler.at("text", _words)
    made.inline.ruler.after("newline", "bare_address", _bare_address)
    made.inline.ruler.after("newline", "mathematics", _mathematics)
    made.normalizeLink = _as_written  # type: ignore[method-assign]  # documented as replaceable
    made.normalizeLinkText = _as_written  # type: ignore[method-assign, assignment]  # an autolink shows its address, signs and all
    made.validateLink = _any_link  # type: ignore[method-assign, assignment]  # the canonical form judges schemes
    return made


def _inline(state: StateCore) -> None:
    """Core rule: the inline content of every block, but for what is too dense to be parsed, which has no children."""
    for token in state.tokens:
        if token.type == "inline":
            content = token.content
            token.children = []
            if not _RULE_START.search(content):
                token.children.append(Token("text", "", 0, content=content))
            elif len(content) > MAX_ACTIVE and len(_ACTIVE.findall(content)) > MAX_ACTIVE:
                token.meta["unread"] = True
            else:
                state.md.inline.parse(content, state.md, state.env, token.children)


def _prose(state: StateBlock, first: int, _end: int, _silent: bool) -> bool:  # the signature is markdown-it's
    """Block rule: a paragraph that begins with no sign of another block. What is in doubt is left to the library."""
    if _sign(state, first):
        return False
    enders = state.md.block.ruler.getRules("paragraph")
    around, state.parentType = state.parentType, "paragraph"
    line = first + 1
    while line < state.lineMax and not state.isEmpty(line):
        if sign := _sign(state, line):
            if sign in "=|:?" or (sign == "-" and not _ITEM.match(state.src, state.bMarks[line] + state.tShift[line])):
                state.parentType = around
                return False
            if any(rule(state, line, state.lineMax, True) for rule in enders):
                break
        line += 1
    state.parentType = around
    state.line = line
    state.push("paragraph_open", "p", 1).map = [first, line]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(first, line, state.blkIndent, False).strip()
    inline.map = [first, line]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _definition(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # the signature is markdown-it's
    """Block rule: the definition of a link. That of a footnote is text that people read."""
    if state.src.startswith("[^", state.bMarks[first] + state.tShift[first]):
        return False
    return reference(state, first, end, silent)


def _sign(state: StateBlock, line: int) -> str:
    """The character by which `line` may begin a block, `?` where its indentation decides; empty when it is prose."""
    indentation = state.sCount[line]
    if indentation < 0 or indentation - state.blkIndent > 3:
        return "?"
    character = state.src[state.bMarks[line] + state.tShift[line]]
    return character if character in _BLOCK_SIGNS else ""


def _words(state: StateInline, silent: bool) -> bool:  # the signature is markdown-it's
    """Inline rule: text up to the next character that one of the enabled rules begins at."""
    found = _RULE_START.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _mathematics(state: StateInline, silent: bool) -> bool:  # the signature is markdown-it's
    """Inline rule: mathematics is text as it stands, backslashes and all."""
    if state.src[state.pos] != "$":
        return False
    found = MATHEMATICS.match(state.src, state.pos, state.posMax)
    end = found.end() if found else state.pos + 1
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _bare_address(state: StateInline, silent: bool) -> bool:  # the signature is markdown-it's
    """Inline rule: a bare address is a link before anything in it can be emphasis, as on GitHub."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.src, max(state.pos - 6, 0), state.pos)
    if not scheme or not (silent or state.pending.endswith(scheme[0])):
        return False
    address = autolink(state.src, scheme.start())
    if not address:
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos += len(address) - len(scheme[0])
    return True


def _as_written(url: str) -> str:
    return url


def _any_link(_url: str) -> bool:
    return True
