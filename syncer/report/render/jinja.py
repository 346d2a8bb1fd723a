"""The HTML templates of the report: one environment, autoescaping, nothing undefined, safe links only."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined


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
    return made


_DAY = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日前?")
_INSIDE = re.compile(r"(?=[年月日前])|(?<=[年月])")
WORD_JOINER = "\u2060"


def unbroken(value: object) -> object:
    """A text in which no line ends within a Chinese day; what is HTML already stays as it is."""
    if type(value) is not str:
        return value
    return _DAY.sub(lambda day: _INSIDE.sub(WORD_JOINER, day[0]), value)


def web_address(url: str) -> str:
    """The address if it leads to the web, else an empty string: text from a tracker never becomes another scheme."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
