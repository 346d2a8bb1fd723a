"""What an expression of a connector's source can be: the texts of a path, the names in a query, a tuple's parts.

A name is followed to what its function or module gives it, an attribute to what its class gives it, a call of a method
of the same object to what that returns. Whatever varies in a text is `{}`.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
GIVEN = "?"
"""Before the name of a parameter that holds names of a query."""


class UnfollowedError(Exception):
    """A call whose path or query the reader cannot follow: teach it, or write the call more plainly."""


@dataclass(frozen=True, slots=True)
class Here:
    """The function a call stands in, with its class and module."""

    module: ast.Module
    owner: ast.ClassDef | None
    function: Function
    place: str

    def parameters(self) -> list[str]:
        given = self.function.args
        return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def together(here: Here, verb: ast.expr, path: ast.expr) -> Iterator[tuple[str, str]]:
    """Verb and path, as they go together where both come from one method."""
    for node in ast.walk(here.function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call() as call):
                given = [each.id for each in names if isinstance(each, ast.Name)]
                if isinstance(verb, ast.Name) and isinstance(path, ast.Name) and {verb.id, path.id} <= set(given):
                    said, text = given.index(verb.id), given.index(path.id)
                    for there, parts in _tuples(here, call):
                        yield from itertools.product(texts(there, parts[said]), texts(there, parts[text]))
                    return
    yield from itertools.product(texts(here, verb), texts(here, path))


def _tuples(here: Here, call: ast.Call) -> Iterator[tuple[Here, list[ast.expr]]]:
    """The tuples that a method can return, with where their names are known."""
    method = _method(here, call)
    if method is None:
        raise UnfollowedError(f"{here.place}:{call.lineno}: {ast.unparse(call)}")
    for value in _returned(method):
        if isinstance(value, ast.Tuple):
            yield Here(here.module, here.owner, method, here.place), value.elts


def texts(here: Here, node: ast.expr) -> set[str]:
    """The texts that an expression can be, `{}` for what varies. Raises UnfollowedError."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr(values=parts):
            found = {""}
            for piece in parts:
                found = {begun + end for begun in found for end in _pieces(here, piece)}
            return found
        case ast.IfExp(body=one, orelse=other):
            return texts(here, one) | texts(here, other)
        case ast.Name(id=name):
            return {text for value in _values(here, name) for text in texts(here, value)}
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return {text for value in _attributes(here, name) for text in texts(here, value)}
        case ast.Subscript(value=ast.Dict(values=values)):
            return {text for value in values for text in texts(here, value)}
        case ast.Call() if (method := _method(here, node)) is not None:
            inner = Here(here.module, here.owner, method, here.place)
            return {text for value in _returned(method) for text in texts(inner, value)}
    raise UnfollowedError(f"{here.place}:{node.lineno}: {ast.unparse(node)}")


def _pieces(here: Here, piece: ast.expr) -> set[str]:
    if isinstance(piece, ast.FormattedValue):
        try:
            begun = texts(here, piece.value)
        except UnfollowedError:
            return {"{}"}
        return begun if all(text.startswith("/") for text in begun) else {"{}"}
    return texts(here, piece)


def _values(here: Here, name: str) -> list[ast.expr]:
    """What a name is given in its function, else in its module."""
    found = assigned(here, name)
    if not found and name not in here.parameters():
        found = _assignments(here.module.body, name)
    if not found:
        raise UnfollowedError(f"{here.place}: {name} in {here.function.name}")
    return found


def assigned(here: Here, name: str) -> list[ast.expr]:
    return _assignments(list(ast.walk(here.function)), name)


def _assignments(nodes: list[ast.stmt] | list[ast.AST], name: str) -> list[ast.expr]:
    found: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found.append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = zip(names, values, strict=True)
                found += [value for each, value in pairs if isinstance(each, ast.Name) and each.id == name]
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                found.append(value)
    return found


def _attributes(here: Here, name: str) -> list[ast.expr]:
    """What an attribute of the object is given anywhere in its class, or a property of this name returns."""
    found = []
    for node in ast.walk(here.owner) if here.owner is not None else ():
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=target)], value=value):
                found += [value] if target == name else []
            case ast.FunctionDef(name=target, decorator_list=[ast.Name(id="property")]) if target == name:
                found += _returned(node)
    if not found:
        raise UnfollowedError(f"{here.place}: self.{name}")
    return found


def _method(here: Here, call: ast.Call) -> Function | None:
    """The method of the same object, or the function of the same module, that is called."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if here.owner is not None:
            room: list[ast.stmt] = here.owner.body
        case ast.Name(id=name):
            room = here.module.body
        case _:
            return None
    return next((each for each in room if isinstance(each, Function) and each.name == name), None)


def _returned(function: Function) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _branches(node.value)


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield node


def keys_of(here: Here, node: ast.expr) -> frozenset[str]:
    """The names in a query. Raises UnfollowedError."""
    match node:
        case ast.Constant(value=None):
            return frozenset()
        case ast.Dict(keys=keys, values=values):
            found: frozenset[str] = frozenset()
            for key, value in zip(keys, values, strict=True):
                found |= keys_of(here, value) if key is None else texts(here, key)
            return found
        case ast.IfExp(body=one, orelse=other):
            return keys_of(here, one) | keys_of(here, other)
        case ast.BoolOp(values=values):
            return frozenset().union(*(keys_of(here, value) for value in values))
        case ast.Call(func=ast.Name(id="dict"), args=[inner]):
            return keys_of(here, inner)
        case ast.Call() if (method := _method(here, node)) is not None:
            there = Here(here.module, here.owner, method, here.place)
            return frozenset().union(*(keys_of(there, value) for value in _returned(method)))
        case ast.Name(id=name):
            return _named_keys(here, name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            values = [(here, value) for value in _attributes(here, name)]
            return frozenset().union(*(keys_of(there, value) for there, value in values))
    raise UnfollowedError(f"{here.place}:{node.lineno}: {ast.unparse(node)}")


def _named_keys(here: Here, name: str) -> frozenset[str]:
    """The names in a query that is kept under a name, those put into it later among them."""
    if name in here.parameters() and not assigned(here, name):
        return frozenset({GIVEN + name})
    found = frozenset().union(*(keys_of(here, value) for value in assigned(here, name)))
    for node in ast.walk(here.function):
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=target), slice=key)]) if target == name:
                found |= texts(here, key)
    return found
