"""The requests that a connector can send, read out of its source: verb, shape of the path, names in the query.

Why the source. A log shows what a test happened to send; the source shows every call. A path is followed from the
method of the client that sends it back through helpers, local names, attributes and methods to its text; whatever
varies in it is `{}`. A call that cannot be followed is an error, so that none is passed over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Literal

from tests.vendor.expressions import GIVEN, Function, Here, UnfollowedError, assigned, keys_of, texts, together

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
        "send": Sender(0, 1, 2, "query"),
    },
}
"""The methods of the clients that send, by name."""
RECEIVERS = frozenset({"client", "_client"})
INSIDE = frozenset({"self", "connection", "app"})
"""What they are called on within the client's own module."""


ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("client.py", "_name_at"): "asks the address that GitHub's own redirect named",
    ("files.py", "_signed"): "reads an item at the address at which the connector reads it",
}
"""Functions whose path is no text of theirs, by file and name, with the reason why nothing is missed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that can be sent."""

    verb: str
    path: str
    keys: frozenset[str]
    place: str
    """File and line."""


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


def _functions(name: str, module: ast.Module) -> Iterator[Here]:
    for node in module.body:
        if isinstance(node, Function):
            yield Here(module, None, node, name)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function):
                    yield Here(module, node, inner, name)


def _scope_of(here: Here, name: str) -> str:
    """A private helper is one of its module, a public one of the package."""
    return here.place if name.startswith("_") else ""


def _sendings(
    here: Here, tracker: Tracker, helpers: Mapping[tuple[str, str], Sender]
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
            if not (own and here.function.name in {*CLIENTS[tracker], "_send", "_negotiated", "_once"}):
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


def _as_helper(here: Here, call: ast.Call, sender: Sender) -> Sender | None:
    """What the function is to its callers, where it hands on the path that they give."""
    path = _argument(call, sender.path, "path")
    parameters = here.parameters()
    if not isinstance(path, ast.Name) or path.id not in parameters or assigned(here, path.id):
        return None
    offset = 1 if here.owner is not None else 0
    verb: int | str = sender.verb if isinstance(sender.verb, str) else 0
    if isinstance(sender.verb, int):
        (verb,) = texts(here, call.args[sender.verb])
    keys = sender.keys | _query_keys(here, call, sender)
    given = next((key.removeprefix(GIVEN) for key in keys if key.startswith(GIVEN)), "")
    return Sender(
        verb,
        parameters.index(path.id) - offset,
        parameters.index(given) - offset if given else None,
        given,
        frozenset(key for key in keys if not key.startswith(GIVEN)),
        frozenset(parameters) if here.function.args.kwarg is not None else frozenset(),
        here.owner is not None,
    )


def _read(here: Here, call: ast.Call, sender: Sender) -> Iterator[Call]:
    place = f"{here.place}:{call.lineno}"
    path = _argument(call, sender.path, "path")
    keys = sender.keys | _query_keys(here, call, sender)
    if path is None or any(key.startswith(GIVEN) for key in keys):
        raise UnfollowedError(f"{place}: {ast.unparse(call)}")
    verb = ast.Constant(sender.verb) if isinstance(sender.verb, str) else call.args[sender.verb]
    for said, text in together(here, verb, path):
        yield Call(said, text, keys, place)


def _query_keys(here: Here, call: ast.Call, sender: Sender) -> frozenset[str]:
    """The names that a call puts into the query, with `GIVEN` before that of a parameter that holds further ones."""
    query = _argument(call, sender.query, sender.query_name)
    keys = keys_of(here, query) if query is not None else frozenset()
    if sender.named:
        for each in call.keywords:
            if each.arg is None:
                keys |= keys_of(here, each.value)
            elif each.arg not in sender.named:
                keys |= {each.arg}
    return keys
