"""Reads a CODEOWNERS file, and says who owns a path by it. Pure.

The rules are GitHub's (docs.github.com, "About code owners"): one pattern a line and its owners, the last pattern that
matches decides, a pattern without owners means that nobody owns it. Patterns are those of `.gitignore`, except that
`!`, `[ ]` and an escaped `#` mean nothing and such a line is skipped, as is a line whose owners are not ones. Case
matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LARGEST = 3 * 1024 * 1024
"""Bytes: GitHub does not load a larger file."""

_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:/[A-Za-z0-9._-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Ownership:
    """One line: a pattern and those who own what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    """`@login`, `@org/team`, an e-mail address; empty where the line takes ownership away."""

    def matches(self, path: str) -> bool:
        """Whether a path of the repository, `src/ledger/book.py`, is matched."""
        return _expression(self.pattern).match(path.lstrip("/")) is not None


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """What a file says."""

    lines: tuple[Ownership, ...]
    skipped: tuple[int, ...]
    """Numbers of the lines that mean nothing to GitHub."""

    def of(self, path: str) -> Ownership | None:
        """The line that decides who owns a path: the last that matches; None where none does."""
        return next((line for line in reversed(self.lines) if line.matches(path)), None)

    @property
    def deciding(self) -> tuple[Ownership, ...]:
        """The lines in their order, without those whose very pattern stands again further down."""
        last = {line.pattern: line for line in self.lines}
        return tuple(line for line in self.lines if last[line.pattern] is line)


def parse(text: str) -> CodeOwners:
    """What the text of a file says. Any text is taken: what is no line of such a file is skipped and told."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        return CodeOwners((), ())
    lines: list[Ownership] = []
    skipped: list[int] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        words = list(_words(line))
        if not words:
            continue
        pattern, owners = words[0], tuple(words[1:])
        if _meaningless(pattern) or not all(_OWNER.fullmatch(owner) for owner in owners):
            skipped.append(number)
        else:
            lines.append(Ownership(number, pattern, owners))
    return CodeOwners(tuple(lines), tuple(skipped))


def _words(line: str) -> Iterator[str]:
    """The words of a line up to its comment: a `#` at the beginning of a word begins one."""
    for word in re.findall(r"(?:\\.|[^\s\\])+|\\$", line):
        if word.startswith("#"):
            return
        yield word


def _meaningless(pattern: str) -> bool:
    """Whether GitHub says that such a pattern does not work, or no text has it."""
    no_text = "\x00" in pattern or "\ufffd" in pattern
    nothing = not pattern.strip("/") and pattern != "/"
    return no_text or nothing or pattern.startswith(("!", "\\#")) or "[" in pattern or "]" in pattern


@lru_cache(maxsize=10_000)
def _expression(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern, over paths without a leading slash.

    A slash at its beginning or inside ties it to the root, else it may begin in any folder. A folder matches all below
    it; `dir/*` only what is right inside, as GitHub's own example says.
    """
    folder = pattern.endswith("/")
    body = pattern.strip("/")
    rooted = "/" in pattern.rstrip("/")
    parts = body.split("/") if body else []
    expression = "" if rooted else "(?:.*/)?"
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += _part(part) + ("" if last else "/")
    if not parts:
        return re.compile(".*", re.DOTALL)
    if folder:
        expression += "/.*"
    elif parts[-1] != "**" and not (parts[-1] == "*" and len(parts) > 1):
        expression += "(?:/.*)?"
    return re.compile(expression + r"\Z", re.DOTALL)


def _part(part: str) -> str:
    """One name of a pattern: `*` is any text within it, `?` one character, a backslash takes the next as it is.

    What stands between two stars is taken where it is first found and never looked for again, which no name can tell
    from trying everything: so a pattern of many stars costs no more than its length.
    """
    pieces = [""]
    for sign in re.findall(r"\\.|\*+|.", part, re.DOTALL):
        if sign.startswith("*"):
            pieces.append("")
        elif sign == "?":
            pieces[-1] += "[^/]"
        else:
            pieces[-1] += re.escape(sign[-1])
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle) + f"[^/]*{last}"
