"""The requests that a connector can send, read out of its source: verb, shape of the path, names in the query.

Why the source. A log shows what a test happened to send; the source shows every call. A path is followed from the
method of the client that sends it back through helpers, local names, attributes and methods to its text; whatever
varies in it is `{}`. A call that cannot be followed is an error, so that none is passed over.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Literal

Function = ast.FunctionDef | ast.AsyncFunctionDef
Tracker = Literal["github", "jira"]


@dataclass(frozen=True, slots=True)
class Sender:
    """A function that sends a request, and which of its arguments say what. A text stands for itself."""

    verb: int | str
    path: int
    query: int | None = None
    query_name: str = ""
    keys: frozenset[str] = frozenset()
    """Names that it puts into the query by itself."""
    named: frozenset[str] = frozenset()
    """Its parameters; any other keyword of a call is a name of the query."""
    of_object: bool = False
    """It is a method, called on `self`."""

    def fits(self, call: ast.Call) -> bool:
        """Whether a call of this name can be one of it."""
        return isinstance(call.func, ast.Name) is not self.of_object and (_receiver(call) == "self") is self.of_object


CLIENTS: Mapping[Tracker, Mapping[str, Sender]] = {
    "jira": {
        "get": Sender("GET", 0, 1, "query"),
        "ask": Sender("POST", 0, 2, "query"),
        "write": Sender(0, 1, 3, "query"),
        "upload": Sender("POST", 0),
        "location": Sender("GET", 0),
        "readable_by_anybody": Sender("GET", 0),
        "_as_a_stranger": Sender("GET", 0),
    },
    "github": {
        "get": Sender("GET", 0, 2, "query"),
        "write": Sender(0, 1),
        "_exchange": Sender(0, 1, 2, "query"),
        "requestJson": Sender(0, 1, 2, "query"),
    },
}
"""The methods of the clients that send, by name."""
RECEIVERS = frozenset({"client", "_client"})
INSIDE = frozenset({"self", "requester", "app"})
"""What they are called on within the client's own module."""


ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("client.py", "_name_at"): "asks the address that GitHub's own redirect named",
    ("files.py", "_signed"): "reads an item at the address at which the connector reads it",
}
"""Functions whose path is no text of theirs, by file and name, with the reason why nothing is missed."""


_GIVEN = "?"
"""Before the name of a parameter that holds names of a query."""


class UnfollowedError(Exception):
    """A call whose path or query the reader cannot follow: teach it, or write the call more plainly."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that can be sent."""

    verb: str
    path: str
    keys: frozenset[str]
    place: str
    """File and line."""


@dataclass(frozen=True, slots=True)
class _Here:
    """The function a call stands in, with its class and module."""

    module: ast.Module
    owner: ast.ClassDef | None
    function: Function
    place: str

    def parameters(self) -> list[str]:
        given = self.function.args
        return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def calls(package: ModuleType, tracker: Tracker) -> set[Call]:
    """Every request that the connector can send. Raises UnfollowedError."""
    (folder,) = package.__path__
    modules = {path.name: ast.parse(path.read_text("utf-8")) for path in sorted(Path(folder).glob("*.py"))}
    functions = [here for name, module in modules.items() for here in _functions(name, module)]
    found: set[Call] = set()
    helpers: dict[tuple[str, str], Sender] = {}
    while True:
        before = len(helpers)
        for here in functions:
            for call, sender in _sendings(here, tracker, helpers):
                helper = _as_helper(here, call, sender)
                if helper is not None:
                    at = _scope_of(here, here.function.name), here.function.name
                    helpers[at] = replace(helper, keys=helper.keys | helpers.get(at, helper).keys)
                else:
                    found.update(_read(here, call, sender))
        if len(helpers) == before:
            break
    used = {_called(call) for here in functions for call, _ in _sendings(here, tracker, helpers)}
    if lost := [f"{place or 'a public helper'}: {name}" for place, name in helpers if name not in used]:
        raise UnfollowedError(f"who calls {', '.join(lost)}?")
    return found


def _functions(name: str, module: ast.Module) -> Iterator[_Here]:
    for node in module.body:
        if isinstance(node, Function):
            yield _Here(module, None, node, name)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function):
                    yield _Here(module, node, inner, name)


def _scope_of(here: _Here, name: str) -> str:
    """A private helper is one of its module, a public one of the package."""
    return here.place if name.startswith("_") else ""


def _sendings(
    here: _Here, tracker: Tracker, helpers: Mapping[tuple[str, str], Sender]
) -> Iterator[tuple[ast.Call, Sender]]:
    for found in ast.walk(here.function) if (here.place, here.function.name) not in ELSEWHERE else ():
        if not isinstance(found, ast.Call):
            continue
        later = _called(found) == "partial"
        node = ast.Call(found.args[0], found.args[1:], found.keywords, lineno=found.lineno) if later else found
        name = _called(node)
        receiver = _receiver(node)
        own = here.place == "client.py"
        if name in CLIENTS[tracker] and (receiver in RECEIVERS or (own and receiver in INSIDE)):
            # What the client's methods hand on to each other is read where others call them.
            if not (own and here.function.name in {*CLIENTS[tracker], "_send", "_once"}):
                yield node, CLIENTS[tracker][name]
            continue
        sender = helpers.get((_scope_of(here, name), name))
        if sender is not None and name != here.function.name and sender.fits(node):
            yield node, sender


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _receiver(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)) | ast.Attribute(value=ast.Attribute(attr=name)):
            return name
    return ""


def _argument(call: ast.Call, index: int | None, name: str) -> ast.expr | None:
    if index is not None and len(call.args) > index:
        return call.args[index]
    return next((each.value for each in call.keywords if name and each.arg == name), None)


def _as_helper(here: _Here, call: ast.Call, sender: Sender) -> Sender | None:
    """What the function is to its callers, where it hands on the path that they give."""
    path = _argument(call, sender.path, "path")
    parameters = here.parameters()
    if not isinstance(path, ast.Name) or path.id not in parameters or _assigned(here, path.id):
        return None
    offset = 1 if here.owner is not None else 0
    verb: int | str = sender.verb if isinstance(sender.verb, str) else 0
    if isinstance(sender.verb, int):
        (verb,) = _texts(here, call.args[sender.verb])
    keys = sender.keys | _query_keys(here, call, sender)
    given = next((key.removeprefix(_GIVEN) for key in keys if key.startswith(_GIVEN)), "")
    return Sender(
        verb,
        parameters.index(path.id) - offset,
        parameters.index(given) - offset if given else None,
        given,
        frozenset(key for key in keys if not key.startswith(_GIVEN)),
        frozenset(parameters) if here.function.args.kwarg is not None else frozenset(),
        here.owner is not None,
    )


def _read(here: _Here, call: ast.Call, sender: Sender) -> Iterator[Call]:
    place = f"{here.place}:{call.lineno}"
    path = _argument(call, sender.path, "path")
    keys = sender.keys | _query_keys(here, call, sender)
    if path is None or any(key.startswith(_GIVEN) for key in keys):
        raise UnfollowedError(f"{place}: {ast.unparse(call)}")
    verb = ast.Constant(sender.verb) if isinstance(sender.verb, str) else call.args[sender.verb]
    for said, text in _together(here, verb, path):
        yield Call(said, text, keys, place)


def _query_keys(here: _Here, call: ast.Call, sender: Sender) -> frozenset[str]:
    """The names that a call puts into the query, with `_GIVEN` before that of a parameter that holds further ones."""
    query = _argument(call, sender.query, sender.query_name)
    keys = _keys(here, query) if query is not None else frozenset()
    if sender.named:
        for each in call.keywords:
            if each.arg is None:
                keys |= _keys(here, each.value)
            elif each.arg not in sender.named:
                keys |= {each.arg}
    return keys


def _together(here: _Here, verb: ast.expr, path: ast.expr) -> Iterator[tuple[str, str]]:
    """Verb and path, as they go together where both come from one method."""
    for node in ast.walk(here.function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call() as call):
                given = [each.id for each in names if isinstance(each, ast.Name)]
                if isinstance(verb, ast.Name) and isinstance(path, ast.Name) and {verb.id, path.id} <= set(given):
                    said, text = given.index(verb.id), given.index(path.id)
                    for there, parts in _tuples(here, call):
                        yield from itertools.product(_texts(there, parts[said]), _texts(there, parts[text]))
                    return
    yield from itertools.product(_texts(here, verb), _texts(here, path))


def _tuples(here: _Here, call: ast.Call) -> Iterator[tuple[_Here, list[ast.expr]]]:
    """The tuples that a method can return, with where their names are known."""
    method = _method(here, call)
    if method is None:
        raise UnfollowedError(f"{here.place}:{call.lineno}: {ast.unparse(call)}")
    for value in _returned(method):
        if isinstance(value, ast.Tuple):
            yield _Here(here.module, here.owner, method, here.place), value.elts


# What an expression can be


def _texts(here: _Here, node: ast.expr) -> set[str]:
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
            return _texts(here, one) | _texts(here, other)
        case ast.Name(id=name):
            return {text for value in _values(here, name) for text in _texts(here, value)}
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return {text for value in _attributes(here, name) for text in _texts(here, value)}
        case ast.Subscript(value=ast.Dict(values=values)):
            return {text for value in values for text in _texts(here, value)}
        case ast.Call() if (method := _method(here, node)) is not None:
            inner = _Here(here.module, here.owner, method, here.place)
            return {text for value in _returned(method) for text in _texts(inner, value)}
    raise UnfollowedError(f"{here.place}:{node.lineno}: {ast.unparse(node)}")


def _pieces(here: _Here, piece: ast.expr) -> set[str]:
    if isinstance(piece, ast.FormattedValue):
        try:
            begun = _texts(here, piece.value)
        except UnfollowedError:
            return {"{}"}
        return begun if all(text.startswith("/") for text in begun) else {"{}"}
    return _texts(here, piece)


def _values(here: _Here, name: str) -> list[ast.expr]:
    """What a name is given in its function, else in its module."""
    found = _assigned(here, name)
    if not found and name not in here.parameters():
        found = _assignments(here.module.body, name)
    if not found:
        raise UnfollowedError(f"{here.place}: {name} in {here.function.name}")
    return found


def _assigned(here: _Here, name: str) -> list[ast.expr]:
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


def _attributes(here: _Here, name: str) -> list[ast.expr]:
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


def _method(here: _Here, call: ast.Call) -> Function | None:
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


def _keys(here: _Here, node: ast.expr) -> frozenset[str]:
    """The names in a query. Raises UnfollowedError."""
    match node:
        case ast.Constant(value=None):
            return frozenset()
        case ast.Dict(keys=keys, values=values):
            found: frozenset[str] = frozenset()
            for key, value in zip(keys, values, strict=True):
                found |= _keys(here, value) if key is None else _texts(here, key)
            return found
        case ast.IfExp(body=one, orelse=other):
            return _keys(here, one) | _keys(here, other)
        case ast.BoolOp(values=values):
            return frozenset().union(*(_keys(here, value) for value in values))
        case ast.Call(func=ast.Name(id="dict"), args=[inner]):
            return _keys(here, inner)
        case ast.Call() if (method := _method(here, node)) is not None:
            there = _Here(here.module, here.owner, method, here.place)
            return frozenset().union(*(_keys(there, value) for value in _returned(method)))
        case ast.Name(id=name):
            return _named_keys(here, name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            values = [(here, value) for value in _attributes(here, name)]
            return frozenset().union(*(_keys(there, value) for there, value in values))
    raise UnfollowedError(f"{here.place}:{node.lineno}: {ast.unparse(node)}")


def _named_keys(here: _Here, name: str) -> frozenset[str]:
    """The names in a query that is kept under a name, those put into it later among them."""
    if name in here.parameters() and not _assigned(here, name):
        return frozenset({_GIVEN + name})
    found = frozenset().union(*(_keys(here, value) for value in _assigned(here, name)))
    for node in ast.walk(here.function):
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=target), slice=key)]) if target == name:
                found |= _texts(here, key)
    return found
