"""The HTML templates of the report: one environment, autoescaping, nothing undefined, safe links only."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape


@cache
def environment(days_unbroken: bool = False) -> Environment:
    """The environment all HTML is rendered in; not every mail program knows the signs that keep a day on one line."""
    made = Environment(
        loader=PackageLoader("syncer.report.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken if days_unbroken else None,
    )
    made.filters["web"] = web_address
    made.filters["kept"] = kept_together
    return made


_DAY = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日前?")
_INSIDE = re.compile(r"(?=[年月日前])|(?<=[年月])")
WORD_JOINER = "\u2060"


def unbroken(value: object) -> object:
    """A text in which no line ends within a Chinese day; what is HTML already stays as it is."""
    if type(value) is not str:
        return value
    return _DAY.sub(lambda day: _INSIDE.sub(WORD_JOINER, day[0]), value)


_KEPT = re.compile(
    r"\b[A-Z][A-Z0-9_]{1,9}-\d{1,7}\b(?!-)"  # a key of Jira
    r"|\b(?:by )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?\b"
    r"|(?:\d{4}年)?\d{1,2}月\d{1,2}日前?"
    r"|\d{1,7} [项个天周]"
)


def kept_together(text: str) -> Markup:
    """The text escaped, each key, day and Chinese count in a span of class `kept`, which no line may break."""
    parts, reached = [], 0
    for found in _KEPT.finditer(text):
        parts += [escape(text[reached : found.start()]), Markup('<span class="kept">%s</span>') % found[0]]
        reached = found.end()
    return Markup().join((*parts, escape(text[reached:])))


def web_address(url: str) -> str:
    """The address if it leads to the web, else an empty string: text from a tracker never becomes another scheme."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
