"""The shape of JSON values: which types stand at a position, which keys are there always or sometimes.

Written, a shape is

- a line of words for values without parts: `null`, `boolean`, `number`, `empty text`, `text to 255` and the like,
  `empty list`, `deeper` for what is not looked into, `no body` and `no JSON` for a whole answer; several are parted by
  a comma;
- a list of one shape for a list: that of its elements;
- an object for an object: its keys with their shapes. A question mark after a key says that some had it and some not;
- `{"<one of>": [...]}` where several of these occur.

A key that is not named at its position becomes `<key 1>`; others of the same type join it, so that neither the names
nor the number of such keys can be told. How many elements, objects or answers there were is not told either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from syncer.shapes.named import NOTHING_NAMED, NamedKeys

_SIZES: Final = ((0, "empty text"), (255, "text to 255"), (32_767, "text to 32767"), (65_536, "text to 65536"))
"""Classes of length, in characters: a title, and the limits of a text in Jira and in GitHub.

No finer ones: addresses differ by endings that everybody knows, so which of them are longer than fifty characters would
tell how long the names in them are.
"""
_LONGER: Final = "longer text"
NULL, EMPTY_LIST, NO_BODY, NO_JSON, _DEEPER = "null", "empty list", "no body", "no JSON", "deeper"
EMPTY_TEXT: Final = _SIZES[0][1]
_WORDS: Final = (
    *(NULL, "boolean", "number", *(word for _, word in _SIZES), _LONGER),
    *(EMPTY_LIST, _DEEPER, NO_BODY, NO_JSON),
)
_ONE_OF: Final = "<one of>"

_DEEPEST: Final = 60
"""Levels of objects that are looked into at all."""
_UNNAMED_LEVELS: Final = 2
"""How far what is below a key that is not named is looked into: there nothing is the vendor's."""
_TYPES: Final = ("null", "boolean", "number", "text", "list", "object")


class NotAShape(ValueError):
    """A text is no written shape, or holds a word that none has."""


@dataclass(slots=True)
class KeyShape:
    """What stands below one key."""

    shape: Shape
    held: int = 0
    """How many of the objects have the key."""


@dataclass(slots=True)
class Shape:
    """The values that were seen at a position."""

    words: set[str] = field(default_factory=set)
    elements: Shape | None = None
    """Of lists that have some."""
    objects: int = 0
    keys: dict[str, KeyShape] = field(default_factory=dict)

    def add(self, value: Any, position: NamedKeys, *, depth: int = 0, unnamed: int = 0) -> None:
        """Takes in one more value, `depth` levels down; `unnamed` is how many keys above it are not named."""
        match value:
            case dict() | list() if value and (depth > _DEEPEST or unnamed > _UNNAMED_LEVELS):
                self.words.add(_DEEPER)
            case dict():
                self._add_object(value, position, depth + 1, unnamed)
            case list() if value:
                self.elements = self.elements or Shape()
                for element in value:
                    self.elements.add(element, position, depth=depth + 1, unnamed=unnamed)
            case _:
                self.words.add(_word(value))

    def _add_object(self, value: Mapping[str, Any], position: NamedKeys, depth: int, unnamed: int) -> None:
        self.objects += 1
        told = {}
        for key, part in value.items():
            named = position.names(key)
            name = key if named else _TYPES[_type(part)]
            below = position.below(key) if named else position.other()
            member = self.keys.setdefault(name if named else f"<{name}>", KeyShape(Shape()))
            member.shape.add(part, below or NOTHING_NAMED, depth=depth, unnamed=unnamed + (below is None))
            told[id(member)] = member
        for member in told.values():
            member.held += 1

    def written(self) -> Any:
        """The shape as JSON."""
        forms: list[Any] = []
        if self.words:
            forms.append(", ".join(word for word in _WORDS if word in self.words))
        if self.elements is not None:
            forms.append([self.elements.written()])
        if self.objects:
            forms.append(self._written_object())
        return forms[0] if len(forms) == 1 else {_ONE_OF: forms}

    def _written_object(self) -> dict[str, Any]:
        unnamed = [f"<{kind}>" for kind in _TYPES if f"<{kind}>" in self.keys]
        names = {name: f"<key {number}>" for number, name in enumerate(unnamed, start=1)}
        ordered = [*sorted(self.keys.keys() - names.keys()), *unnamed]
        return {
            names.get(name, name) + ("" if member.held == self.objects else "?"): member.shape.written()
            for name in ordered
            for member in (self.keys[name],)
        }


def together(shapes: Sequence[Shape]) -> Shape:
    """The shape of what several requests were answered that asked for different parts of the same.

    A key that one of them did not ask for is not missing there: it is there sometimes only where one of them, for
    itself, shows it sometimes.
    """
    whole = Shape(words={word for shape in shapes for word in shape.words})
    elements = [shape.elements for shape in shapes if shape.elements is not None]
    whole.elements = together(elements) if elements else None
    objects = [shape for shape in shapes if shape.objects]
    whole.objects = 2 if objects else 0
    for key in dict.fromkeys(key for shape in objects for key in shape.keys):
        holding = [shape for shape in objects if key in shape.keys]
        always = all(shape.keys[key].held == shape.objects for shape in holding)
        whole.keys[key] = KeyShape(together([shape.keys[key].shape for shape in holding]), 2 if always else 1)
    return whole


def _type(value: Any) -> int:
    """The place of a value's type in `_TYPES`."""
    match value:
        case None:
            return 0
        case bool():
            return 1
        case int() | float():
            return 2
        case str():
            return 3
        case list():
            return 4
        case _:
            return 5


def _word(value: Any) -> str:
    """The word for a value without parts."""
    match value:
        case None:
            return NULL
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return next((word for size, word in _SIZES if len(value) <= size), _LONGER)
        case _:
            return EMPTY_LIST


def read(written: Any, position: NamedKeys) -> Shape:
    """The shape that is written so at a position. Raises NotAShape for every word that no shape has there."""
    shape = Shape()
    forms = written[_ONE_OF] if isinstance(written, dict) and written.keys() == {_ONE_OF} else [written]
    if not isinstance(forms, list) or not forms:
        raise NotAShape("there is a choice of nothing")
    for form in forms:
        match form:
            case str():
                words = form.split(", ")
                if not set(words) <= set(_WORDS):
                    raise NotAShape("there is a value in it")
                shape.words.update(words)
            case [element]:
                shape.elements = read(element, position)
            case dict():
                _read_object(shape, form, position)
            case _:
                raise NotAShape("there is a value in it")
    return shape


def _read_object(shape: Shape, form: Mapping[str, Any], position: NamedKeys) -> None:
    shape.objects += 2  # so that a key may be in some of them
    others = {f"<key {number}>" for number in range(1, len(_TYPES) + 1)}
    for key, part in form.items():
        name = key.removesuffix("?")
        if name not in others and not position.names(name):
            raise NotAShape("there is a key in it that no document names there")
        below = (position.other() or NOTHING_NAMED) if name in others else position.below(name)
        shape.keys[name] = KeyShape(read(part, below), 1 if key.endswith("?") else 2)
