"""A GitHub-flavoured tokenizer of its own, independent of our reader: which tokens of a Markdown text would notify.

As GitHub does it: render by CommonMark (html disabled nowhere), then look at text outside code, pre and links.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

NOTIFYING = re.compile(
    r"(?:^|[^A-Za-z0-9_])(@[A-Za-z0-9][A-Za-z0-9-]*(?:/[A-Za-z0-9][\w.-]*)?)"
    r"|((?:[\w.-]+/[\w.-]+)?#[0-9]+)|(?<![A-Za-z0-9])(GH-[0-9]+)",
    re.IGNORECASE | re.ASCII,
)
CLOSING = re.compile(
    r"\b(?:clos(?:e|es|ed)|fix(?:es|ed)?|resolv(?:e|es|ed))[ :\n]+(?:#[0-9]+|GH-[0-9]+|[\w.-]+/[\w.-]+#[0-9]+|https?://\S+/issues/[0-9]+)",
    re.IGNORECASE,
)
_SHIELDS = {"code", "pre", "a", "script", "style", "tt", "kbd"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.visible: list[str] = []
        self._shields = 0
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._shields += tag in _SHIELDS
        self._code += tag in {"code", "pre"}
        self.texts.append("\0")

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in {"code", "pre"} and self._code > 0
        self._shields -= tag in _SHIELDS and self._shields > 0
        self.texts.append("\0")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.visible.append(data)
        if not self._shields:
            self.texts.append(data)


_VERBATIM = re.compile(r"(?<!\\)\{(code|noformat)(?::[^}\n]*)?\}\n.*?\n?\{\1\}", re.DOTALL)
_MONOSPACE = re.compile(r"(?<!\\)\{\{.*?\}\}")


def notifying_in_wiki(source: str) -> set[str]:
    """The names in wiki markup that Jira might notify: `[~name]` anywhere outside verbatim macros, escaped or not.

    Between `{{` and `}}` Data Center renders markup, so there a name counts unless it is escaped.
    """
    outside = _VERBATIM.sub("", source)
    inside = " ".join(_MONOSPACE.findall(outside))
    return {
        *re.findall(r"\[~([^\]\n]+)\]", _MONOSPACE.sub("", outside)),
        *re.findall(r"(?<!\\)\[~([^\]\n]+)\]", inside),
    }


def notifying(source: str) -> set[str]:
    """The mentions and references in Markdown that GitHub would act on."""
    page = _Text()
    page.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source))
    page.close()
    found = {
        token
        for text in "".join(page.texts).split("\0")
        for match in NOTIFYING.findall(text)
        for token in match
        if token
    }
    return found | set(CLOSING.findall("".join(page.visible)))
