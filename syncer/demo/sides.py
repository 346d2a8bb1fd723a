"""A page that shows tasks as both trackers hold them, side by side: what became of their texts can be seen at a glance.

The texts come from the trackers and are drawn here from their own markup, not through the connectors: what a connector
wrote wrongly looks wrong on this page.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from syncer.demo.edits import StoryWorld
from syncer.sandbox import Sandbox

SHOWN = ("receipts", "daily", "load", "partial")
"""Story ids: a text of GitHub with a picture in a paragraph, one of Jira with a layout and decisions, one with an HTML
table, one that both sides edited.
"""

_MARKS = {"strong": "strong", "em": "em", "strike": "del", "underline": "ins", "code": "code"}
_BOXES = {"TODO": "☐", "DONE": "☑"}
_BLOCKS = {
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "paragraph": "p",
    "blockquote": "blockquote",
    "panel": "blockquote",
    "expand": "details",
    "nestedExpand": "details",
    "decisionList": "ul",
    "layoutSection": 'div class="layout"',
    "layoutColumn": "div",
    "table": "table",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
    "taskList": "ul",
}
NO_PICTURES: Mapping[str, str] = MappingProxyType({})
_TAG = re.compile(
    r"&lt;(/?(?:table|thead|tbody|tr|th|td|ul|ol|li|details|summary|pre|blockquote|p|br|b|strong|i|em|del|ins|sub|sup"
    r"|code|kbd))(?:\s(?:(?!&gt;).)*)?&gt;",
    re.IGNORECASE,
)
_WIKI_PICTURE = re.compile(r"!([\w.-]+\.png)(?:\|[^!\n]*)?!")
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h2{margin:2.5rem 0 .75rem}h2 small{font-weight:normal;opacity:.7}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem}
article{border:1px solid #8888;border-radius:8px;padding:.25rem 1rem;overflow-wrap:anywhere}
h3{margin:.5rem 0;font-size:.9rem;opacity:.7}
pre{overflow-x:auto;background:#8882;padding:.75rem;border-radius:6px;white-space:pre-wrap}code{font-size:.9em}
table{border-collapse:collapse}th,td{border:1px solid #8886;padding:.2rem .6rem;text-align:left}th p,td p{margin:0}
blockquote{border-left:4px solid #8886;margin:0;padding-left:1rem}
.picture{display:block;margin:1rem 0;border:1px dashed #8888;border-radius:6px;padding:1.5rem;text-align:center}
.picture small{display:block;opacity:.7}.mention{background:#3b82f633;border-radius:4px;padding:0 .2em}
li:has(>.box){list-style:none;margin-left:-1.25rem}
.layout{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:1rem;margin:1rem 0}
.layout>div{border:1px dashed #8886;padding:0 .75rem}
"""


def page(world: StoryWorld) -> str:
    """The page, whole and on its own: it loads nothing."""
    pictures = pictures_of(world.stage.box)
    sections = "\n".join(_section(world, on, pictures) for on in SHOWN)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Both sides</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style><h1>Both sides</h1>"
        "<p>Four tasks as each tracker holds them after the syncs, drawn from its own markup.</p>"
        f"{sections}</html>\n"
    )


def pictures_of(box: Sandbox) -> dict[str, str]:
    """What both trackers hold in pictures, as addresses that hold them whole; by how texts refer to them."""
    found = {box.github.base_url + each.address: each.data for each in box.github.uploads.values()}
    for issue in box.jira.issues.values():
        for each in issue.content["attachment"]:
            found |= {each.media: each.data, each.filename: each.data}
    return {name: f"data:image/png;base64,{base64.b64encode(data).decode()}" for name, data in found.items()}


def _section(world: StoryWorld, on: str, pictures: Mapping[str, str]) -> str:
    jira, github, twin = world.jira(on), world.github(on), world.twins[on]
    return (
        f"<h2>{escape(str(jira['summary']))} <small>{escape(twin.key)} · #{twin.number}</small></h2>"
        f'<div class="sides"><article><h3>Jira</h3>{jira_html(jira["description"], pictures)}</article>'
        f"<article><h3>GitHub</h3>{github_html(str(github['body'] or ''), pictures)}</article></div>"
    )


def _picture(address: str, alternative: str, pictures: Mapping[str, str]) -> str:
    if address in pictures:
        return f'<img src="{pictures[address]}" alt="{escape(alternative)}">'
    return f'<span class="picture">{escape(alternative)}<small>{escape(address)}</small></span>'


# --- GitHub ---------------------------------------------------------------------------------------------------------


def github_html(body: str, pictures: Mapping[str, str] = NO_PICTURES) -> str:
    """Markdown as GitHub shows it in issues: newlines are line breaks, boxes are boxes."""
    drawn = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    for kind in ("html_block", "html_inline"):
        drawn.add_render_rule(kind, _harmless)
    html = str(drawn.render(re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)))
    html = re.sub(r'<img src="([^"]*)" alt="([^"]*)" ?/?>', lambda found: _picture(found[1], found[2], pictures), html)
    html = re.sub(r"(?<![\w/])@([A-Za-z0-9-]+)(?![^<]*</(?:a|code)>)", r'<span class="mention">@\1</span>', html)
    return re.sub(r"<li>\[([ x])\] ", lambda found: f"<li>{_box(found[1] == 'x')}", html)


def _harmless(_: RendererHTML, tokens: Sequence[Token], at: int, *__: object) -> str:
    """HTML as GitHub shows it: tags that only arrange text, without attributes; any other one as it is typed."""
    return _TAG.sub(r"<\1>", escape(tokens[at].content))


def _box(checked: bool) -> str:
    return f'<span class="box">{_BOXES["DONE" if checked else "TODO"]} </span>'


# --- Jira -----------------------------------------------------------------------------------------------------------


def jira_html(description: Any, pictures: Mapping[str, str] = NO_PICTURES) -> str:
    """A document of Jira Cloud drawn node by node; the wiki markup of Data Center as it stands."""
    if isinstance(description, dict):
        return _nodes(description.get("content", ()), pictures)
    markup = escape(str(description or ""))
    return f"<pre>{_WIKI_PICTURE.sub(lambda found: found[0] + _picture(found[1], '', pictures), markup)}</pre>"


def _nodes(nodes: Iterable[dict[str, Any]], pictures: Mapping[str, str]) -> str:
    return "".join(_node(node, pictures) for node in nodes)


def _node(node: dict[str, Any], pictures: Mapping[str, str]) -> str:  # noqa: PLR0911  # one case a shape
    attributes: dict[str, Any] = node.get("attrs", {})
    inner: Sequence[dict[str, Any]] = node.get("content", ())
    match node["type"]:
        case "text":
            return _text(node)
        case "hardBreak":
            return "<br>"
        case "rule":
            return "<hr>"
        case "mention":
            return f'<span class="mention">{escape(str(attributes.get("text") or attributes["id"]))}</span>'
        case "inlineCard":
            return _link(str(attributes["url"]), str(attributes["url"]))
        case "media":
            return _picture(
                str(attributes.get("url", attributes.get("id", ""))), str(attributes.get("alt", "")), pictures
            )
        case "codeBlock":
            return f"<pre><code>{_nodes(inner, pictures)}</code></pre>"
        case "heading":
            return f"<h{attributes['level']}>{_nodes(inner, pictures)}</h{attributes['level']}>"
        case "decisionItem":
            return f'<li><span class="box">⤷ </span>{_nodes(inner, pictures)}</li>'
        case "taskItem":
            return f"<li>{_box(attributes['state'] == 'DONE')}{_nodes(inner, pictures)}</li>"
        case kind:
            tag = _BLOCKS.get(kind)
            title = f"<summary>{escape(str(attributes['title']))}</summary>" if attributes.get("title") else ""
            shown = title + _nodes(inner, pictures)
            return f"<{tag}>{shown}</{tag.partition(' ')[0]}>" if tag else shown


def _text(node: dict[str, Any]) -> str:
    shown = escape(node["text"])
    for mark in node.get("marks", ()):
        if mark["type"] == "link":
            shown = _link(mark["attrs"]["href"], shown, escaped=True)
        elif tag := _MARKS.get(mark["type"]):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _link(address: str, words: str, *, escaped: bool = False) -> str:
    safe = address if address.startswith(("http://", "https://", "mailto:")) else "#"
    return f'<a href="{escape(safe)}">{words if escaped else escape(words)}</a>'
