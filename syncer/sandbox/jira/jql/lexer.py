"""Splits a query into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from syncer.sandbox.jira.problems import invalid

Kind = Literal["word", "quoted", "operator", "(", ")", ",", "[", "]", "end"]

_OPERATOR = re.compile(r"!=|!~|>=|<=|=|>|<|~|&&|\|\||!|&|\|")
_WORD = re.compile(r"""[^\s=!<>~()\[\],"'&|\\;{}+*/%^$#@?:`]+(?:\\.[^\s=!<>~()\[\],"'&|\\]*)*""")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", " ": " ", "\\": "\\", '"': '"', "'": "'"}
_PUNCTUATION: dict[str, Kind] = {"(": "(", ")": ")", ",": ",", "[": "[", "]": "]"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token with where it starts (from 0) for error messages."""

    kind: Kind
    text: str
    position: int


def position_text(query: str, position: int) -> str:
    """Returns `(line 1, character 5)`, counted from 1 as Jira does."""
    before = query[:position]
    return f"(line {before.count(chr(10)) + 1}, character {position - (before.rfind(chr(10)) + 1) + 1})"


def tokens(query: str) -> list[Token]:
    """Returns the tokens of a query with an `end` token last; raises a 400 in Jira's words."""
    found: list[Token] = []
    position = 0
    while position < len(query):
        character = query[position]
        if character.isspace():
            position += 1
        elif character in "\"'":
            text, end = _quoted(query, position)
            found.append(Token("quoted", text, position))
            position = end
        elif character in _PUNCTUATION:
            found.append(Token(_PUNCTUATION[character], character, position))
            position += 1
        elif match := _OPERATOR.match(query, position):
            found.append(Token("operator", match[0], position))
            position = match.end()
        elif match := _WORD.match(query, position):
            found.append(Token("word", match[0], position))
            position = match.end()
        else:
            raise invalid(
                f"Error in the JQL Query: The character '{character}' is a reserved JQL character. "
                f"You must enclose it in a string or use the escape "
                f"'\\u{ord(character):04x}' instead. {position_text(query, position)}"
            )
    found.append(Token("end", "", len(query)))
    return found


def _quoted(query: str, start: int) -> tuple[str, int]:
    delimiter, position = query[start], start + 1
    pieces: list[str] = []
    while position < len(query):
        character = query[position]
        if character == delimiter:
            return "".join(pieces), position + 1
        if character == "\\":
            piece, position = _escape(query, position)
            pieces.append(piece)
        else:
            pieces.append(character)
            position += 1
    raise invalid(
        f"Error in the JQL Query: The quoted string '{query[start + 1 :]}' has not been completed. "
        f"{position_text(query, start)}"
    )


def _escape(query: str, position: int) -> tuple[str, int]:
    following = query[position + 1 : position + 2]
    if following in _ESCAPES and following:
        return _ESCAPES[following], position + 2
    digits = query[position + 2 : position + 6]
    if following == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
        return chr(int(digits, 16)), position + 6
    raise invalid(
        f"Error in the JQL Query: '\\{following}' is an illegal JQL escape sequence. {position_text(query, position)}"
    )
