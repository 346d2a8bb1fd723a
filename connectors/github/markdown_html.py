"""The HTML that people write inside GitHub Markdown: its tags, and what each means within a line.

Known tags become marks, code, breaks, pictures and links; other known tags vanish and leave their content, as in a
browser; anything that is no tag of HTML (`List<String>`) is what its author meant: text. Tags that hold blocks are the
matter of `html_tree`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from syncer.richtext import LINE_BREAK, Mark, Run, RunKind

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
_HIDING = re.compile(r"<!--|<\?|<!\[CDATA\[|<![A-Za-z]|<(?P<raw>script|style)\b", re.IGNORECASE)
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
    """The source without comments, declarations, scripts and styles; what is never closed goes on to the end."""
    parts: list[str] = []
    at = 0
    lowered = source.lower() if "<" in source else source
    while found := _HIDING.search(source, at):
        parts.append(source[at : found.start()])
        closing = f"</{found['raw'].lower()}" if found["raw"] else _ENDS.get(found[0].lower(), ">")
        end = lowered.find(closing, found.start() + (2 if closing == "-->" else found.end() - found.start()))
        if end >= 0 and found["raw"]:
            end = lowered.find(">", end)
            closing = ">"
        at = end + len(closing) if end >= 0 else len(source)
    parts.append(source[at:])
    return "".join(parts)


def _attributes(source: str) -> dict[str, str]:
    return {
        found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(source)
    }
