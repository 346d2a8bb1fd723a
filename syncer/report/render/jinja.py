"""The HTML templates of the report: one environment, autoescaping, nothing undefined, safe links only."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """The environment all HTML is rendered in."""
    made = Environment(
        loader=PackageLoader("syncer.report.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["web"] = web_address
    return made


def web_address(url: str) -> str:
    """The address if it leads to the web, else an empty string: text from a tracker never becomes another scheme."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
