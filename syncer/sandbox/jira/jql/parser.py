"""Parses JQL, split into tokens, by recursive descent: OR binds weakest, then AND, then NOT, then comparisons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from syncer.sandbox.jira.jql.syntax import (
    RESERVED,
    And,
    Call,
    Clause,
    Condition,
    Empty,
    Many,
    Not,
    Operand,
    Operator,
    Or,
    Query,
    Sort,
    Word,
)
from syncer.sandbox.jira.problems import JiraError, invalid

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


_SYMBOLS: dict[str, Operator] = {"=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<=", "~": "~", "!~": "!~"}
_WORD_OPERATORS: tuple[Operator, ...] = ("in", "changed")


def parse(text: str) -> Query:
    """Returns the tree of a query; raises a 400 in Jira's words when it is none."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0

    def query(self) -> Query:
        condition: Condition | None = None
        if self._peek().kind != "end" and not self._is_word("order"):
            condition = self._or()
        order: tuple[Sort, ...] = ()
        if self._take_word("order"):
            if not self._take_word("by"):
                self._fail("Expecting 'by' but got")
            order = self._order()
        if self._peek().kind != "end":
            self._fail("Expecting either 'OR' or 'AND' but got")
        return Query(condition, order)

    # --- conditions ----------------------------------------------------------------------------------------------

    def _or(self) -> Condition:
        conditions = [self._and()]
        while self._take_word("or") or self._take_symbol("||", "|"):
            conditions.append(self._and())
        return conditions[0] if len(conditions) == 1 else Or(tuple(conditions))

    def _and(self) -> Condition:
        conditions = [self._not()]
        while self._take_word("and") or self._take_symbol("&&", "&"):
            conditions.append(self._not())
        return conditions[0] if len(conditions) == 1 else And(tuple(conditions))

    def _not(self) -> Condition:
        if self._take_word("not") or self._take_symbol("!"):
            return Not(self._not())
        if self._peek().kind == "(":
            self._advance()
            condition = self._or()
            if self._peek().kind != ")":
                self._fail(
                    "Expecting ')' before the end of the query but got"
                    if self._peek().kind != "end"
                    else "Expecting ')' before the end of the query"
                )
            self._advance()
            return condition
        return self._clause()

    def _clause(self) -> Clause:
        field = self._field()
        operator = self._operator()
        if operator == "changed":
            return Clause(field, operator, None)
        operand = self._operand()
        if isinstance(operand, Many) and operator not in {"in", "not in", "was in", "was not in"}:
            raise invalid(f"Operator '{operator}' does not support searching for list values. The field is '{field}'.")
        if not isinstance(operand, Many | Call) and operator in {"in", "not in", "was in", "was not in"}:
            raise invalid(
                f"Operator '{operator}' does not support the non-list value "
                f"'{self._tokens[self._next - 1].text}' for field '{field}'."
            )
        if operator in {"is", "is not"} and not isinstance(operand, Empty):
            raise invalid(f"The '{operator}' operator only supports EMPTY and NULL. The field is '{field}'.")
        return Clause(field, operator, operand)

    def _field(self) -> str:
        token = self._peek()
        if token.kind == "quoted":
            return self._advance().text
        if token.kind != "word" or token.text.lower() in RESERVED:
            self._fail(
                "Expecting a field name but got"
                if token.kind != "end"
                else "Expecting a field name at the end of the query"
            )
        name = self._advance().text
        if self._peek().kind == "[":
            self._advance()
            name = f"{name}[{self._advance().text}]"
            if self._peek().kind != "]":
                self._fail("Expecting ']' but got")
            self._advance()
            # An issue property's path follows the bracket: issue.property[marker].origin
            if self._peek().kind == "word" and self._peek().text.startswith("."):
                name += self._advance().text
        return name

    def _operator(self) -> Operator:
        token = self._peek()
        if token.kind == "operator" and token.text in _SYMBOLS:
            return _SYMBOLS[self._advance().text]
        if self._take_word("not"):
            if not self._take_word("in"):
                self._fail("Expecting operator 'in' but got")
            return "not in"
        if self._take_word("is"):
            return "is not" if self._take_word("not") else "is"
        if self._take_word("was"):
            return self._was()
        for word in _WORD_OPERATORS:
            if self._take_word(word):
                return word
        valid = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
        raise self._error("Expecting operator but got", valid)

    def _was(self) -> Operator:
        negated = self._take_word("not")
        if self._take_word("in"):
            return "was not in" if negated else "was in"
        return "was not" if negated else "was"

    def _operand(self) -> Operand:
        if self._peek().kind == "(":
            self._advance()
            items = [self._single()]
            while self._peek().kind == ",":
                self._advance()
                items.append(self._single())
            if self._peek().kind != ")":
                self._fail("Expecting ')' but got")
            self._advance()
            return Many(tuple(items))
        return self._single()

    def _single(self) -> Word | Empty | Call:
        token = self._peek()
        if token.kind == "quoted":
            self._advance()
            return self._call(token.text) if self._peek().kind == "(" else Word(token.text, True)
        if token.kind != "word":
            self._fail("Expecting either a value, list or function but got")
        lowered = token.text.lower()
        if lowered in {"empty", "null"}:
            self._advance()
            return Empty()
        if lowered in RESERVED:
            self._fail(
                "Expecting either a value, list or function but got",
                "You must surround reserved words with quotation marks.",
            )
        self._advance()
        return self._call(token.text) if self._peek().kind == "(" else Word(token.text)

    def _call(self, name: str) -> Call:
        self._advance()
        arguments: list[str] = []
        while self._peek().kind != ")":
            if self._peek().kind not in {"word", "quoted"}:
                self._fail("Expecting ')' or an argument but got")
            arguments.append(self._advance().text)
            if self._peek().kind == ",":
                self._advance()
        self._advance()
        return Call(name, tuple(arguments))

    def _order(self) -> tuple[Sort, ...]:
        found = [self._sort()]
        while self._peek().kind == ",":
            self._advance()
            found.append(self._sort())
        return tuple(found)

    def _sort(self) -> Sort:
        field = self._field()
        if self._take_word("desc"):
            return Sort(field, True)
        return Sort(field, False if self._take_word("asc") else None)

    # --- tokens --------------------------------------------------------------------------------------------------

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _is_word(self, word: str) -> bool:
        token = self._peek()
        return token.kind == "word" and token.text.lower() == word

    def _take_word(self, word: str) -> bool:
        if not self._is_word(word):
            return False
        self._advance()
        return True

    def _take_symbol(self, *symbols: str) -> bool:
        token = self._peek()
        if token.kind != "operator" or token.text not in symbols:
            return False
        self._advance()
        return True

    def _fail(self, sentence: str, hint: str = "") -> NoReturn:
        raise self._error(sentence, hint)

    def _error(self, sentence: str, hint: str = "") -> JiraError:
        token = self._peek()
        got = f" '{token.text}'" if token.kind != "end" else " the end of the query"
        if not sentence.endswith("got"):
            got = ""
        message = f"Error in the JQL Query: {sentence}{got}. {hint}".strip()
        return invalid(f"{message} {position_text(self._text, token.position)}")
