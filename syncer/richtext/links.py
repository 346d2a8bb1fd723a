"""Addresses inside text: one spelling for each, which schemes may be followed, where a bare address ends.

Every dialect uses these rules, so that a bare address, a mention and a reference have one canonical form wherever they
were typed. Everything is a function of strings; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

FORBIDDEN_SCHEMES = frozenset({"javascript", "vbscript", "data", "file", "about", "blob"})
"""Never linked: the text stays, the address goes."""

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_UNSAFE = re.compile(r'[\x00-\x20\x7f"<>\\^`{|}\[\]\u2060\ud800-\udfff]')
_BARE = re.compile(
    r"(?<![A-Za-z0-9])https?://(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]+|(?<=[/=?#&_.%-])[^\W\x00-\x7f]+)+",
    re.IGNORECASE,
)
_TRAILING = "?!.,:;*_~'\""


@lru_cache(maxsize=4_096)
def canonical_link(address: str) -> str:
    """The one spelling of `address`; empty when it has a scheme that must never be followed."""
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() in FORBIDDEN_SCHEMES:
        return ""
    return _UNSAFE.sub(_percent, address.strip())


def _percent(unsafe: re.Match[str]) -> str:
    """The percent-encoding of one unsafe character; nothing for one that no address can hold."""
    code = ord(unsafe[0])
    return f"%{code:02X}" if 0 < code < 0x80 else ""


def split_addresses(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of `text` in order, each with the canonical address it is (empty for ordinary text).

    A bare address ends as GitHub ends it (https://github.github.com/gfm/#extended-autolink-path-validation), but Han
    and other letters continue it only where a path or query part could begin with them: `https://a.example/x后` ends
    before 后.
    """
    done = 0
    for found in _BARE.finditer(text):
        address = _trimmed(found[0])
        if address.endswith("://"):
            continue
        if found.start() > done:
            yield text[done : found.start()], ""
        yield address, canonical_link(address)
        done = found.start() + len(address)
    if done < len(text):
        yield text[done:], ""


def bare_address(text: str, at: int) -> str:
    """The bare address that begins at `at`, as it is written and ends as in `split_addresses`; empty when none does."""
    found = _BARE.match(text, at)
    address = _trimmed(found[0]) if found else ""
    return "" if address.endswith("://") else address


def _trimmed(address: str) -> str:
    """`address` without trailing punctuation and without closing parentheses that it does not open."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end and (address[end - 1] in _TRAILING or (surplus > 0 and address[end - 1] == ")")):
        surplus -= address[end - 1] == ")"
        end -= 1
    return address[:end]


@dataclass(frozen=True, slots=True)
class PageShapes:
    """What the addresses of the pages of one kind of tracker look like, whichever host they are on."""

    key: Callable[[str], str]
    """The key of the task whose page an address is (`acme/pay#12`, `PAY-7`); empty when it is no task's page."""
    person: re.Pattern[str]
    """The whole address of a person's (or team's) page."""


_KNOWN: list[PageShapes] = []


def know(shapes: PageShapes) -> None:
    """From now on links to such pages are references and mentions. A kind says so when its package is loaded."""
    if shapes not in _KNOWN:
        _KNOWN.append(shapes)


def issue_key(address: str) -> str:
    """The key of the task whose page `address` is; empty when it is no task's page of any kind that is loaded."""
    for shapes in _KNOWN:
        if key := shapes.key(address):
            return key
    return ""


def names_issue(text: str, address: str) -> bool:
    """Whether a link with this text stands for the task itself: its key, `#12`, or the bare address."""
    key = issue_key(address)
    return bool(key) and text in {key, address, key[key.find("#") :]}


def is_profile(address: str) -> bool:
    """Whether `address` has the shape of a person's (or team's) page."""
    return any(shapes.person.fullmatch(address) for shapes in _KNOWN)


def last_part(address: str) -> str:
    """What people would call the thing at `address`: its last path part, decoded."""
    return unquote(re.split(r"[/=]", address.rstrip("/"))[-1])
