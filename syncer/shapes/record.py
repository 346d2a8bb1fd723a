"""The shapes of everything that some trackers answered: from what was heard to the text of a file, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from syncer.contract.recording import Exchange, Product
from syncer.shapes.named import KINDS, OTHER_OPERATION, answered, asked, is_operation, known_headers
from syncer.shapes.shape import NO_BODY, NO_JSON, NotAShape, Shape, read, together

FORMAT: Final = "syncer shapes 1"
NO_ANSWER: Final = "none"
"""In the place of a status, where no answer came."""

PRODUCTS: Final = (
    *("github.com", "GitHub Enterprise Cloud", "GitHub Enterprise Server"),
    *("Jira Cloud", "Jira Data Center or Server"),
)
_VERSION: Final = re.compile(r"\d{1,4}\.\d{1,4}")
_INTERFACE: Final = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_WRITER: Final = re.compile(r"syncer \d{1,3}(\.\d{1,3}){1,2}[a-z0-9.]{0,8}")
_STATUS: Final = re.compile(rf"[1-5]\d\d|{NO_ANSWER}")
_WIDTH: Final = 110
_CHOOSING: Final = ("fields", "expand", "properties")
"""Parameters by which a request chooses what it is shown."""


@dataclass(slots=True)
class RecordedTracker:
    """What one tracker answers."""

    kind: str
    """Of its connector: `jira`, `github`."""
    product: str = ""
    """One of `PRODUCTS`; empty where it did not tell."""
    version: str = ""
    """Major and minor version alone: what is behind them tells which faults a server still has."""
    interface: str = ""
    """The version of the interface that answered, where the vendor has some: `2022-11-28`."""
    answers: dict[str, dict[str, Shape]] = field(default_factory=dict)
    """By operation and status."""
    parts: dict[tuple[str, str, str], Shape] = field(default_factory=dict)
    """What was heard, by operation, status, and what of an answer was asked for."""
    headers: dict[str, set[str]] = field(default_factory=lambda: {"answers": set(), "refusals": set()})
    """Names of headers, of all answers together: which lists have a next page would tell how many people there are."""

    def hear(self, exchange: Exchange) -> None:
        """Takes in one exchange."""
        operation = asked(self.kind, exchange.verb, exchange.path)
        status = NO_ANSWER if exchange.status is None else str(exchange.status)
        shape = self.parts.setdefault((operation, status, _choice(exchange)), Shape())
        if exchange.status is None or not exchange.body:
            shape.words.add(NO_BODY)
        else:
            self._hear_body(shape, exchange.body, operation, status)
        if exchange.status is not None:
            self.headers["answers" if exchange.status < 400 else "refusals"] |= exchange.headers.keys()

    def _hear_body(self, shape: Shape, body: bytes, operation: str, status: str) -> None:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            shape.words.add(NO_JSON)
            return
        shape.add(value, answered(self.kind, operation, status))

    def introduce(self, product: Product) -> None:
        """Takes over what a server says that it is, as far as that is what a vendor's product says."""
        self.product = product.name if product.name in PRODUCTS else ""
        version = _VERSION.match(product.version)
        self.version = version[0] if version else ""
        self.interface = product.interface if _INTERFACE.fullmatch(product.interface) else ""

    def conclude(self) -> None:
        """Puts together what was heard of each operation."""
        heard: dict[tuple[str, str], list[Shape]] = {}
        for (operation, status, _), shape in self.parts.items():
            heard.setdefault((operation, status), []).append(shape)
        for (operation, status), shapes in heard.items():
            self.answers.setdefault(operation, {})[status] = together(shapes)

    def written(self) -> dict[str, Any]:
        """The tracker as JSON."""
        self.conclude()
        return {
            "kind": self.kind,
            "product": self.product,
            "version": self.version,
            "interface": self.interface,
            "headers": {which: known_headers(names) for which, names in self.headers.items()},
            "answers": {
                operation: {status: shapes[status].written() for status in sorted(shapes)}
                for operation, shapes in sorted(self.answers.items())
            },
        }


class Recording:
    """The trackers that are listened to, by a name of which nothing is written."""

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._trackers: dict[str, RecordedTracker] = {}

    def listener(self, name: str, kind: str) -> Callable[[Exchange], None] | None:
        """Who is to be told of the exchanges with a tracker; None where its vendor's documents are not known."""
        if kind not in KINDS:
            return None
        return self._trackers.setdefault(name, RecordedTracker(kind)).hear

    def introduce(self, name: str, product: Product | None) -> None:
        """Takes in what a tracker says that it is."""
        if product is not None and name in self._trackers:
            self._trackers[name].introduce(product)

    def text(self) -> str:
        """The text of the file. Raises NotAShape rather than to return one that holds anything else than shapes."""
        heard = [tracker.written() for tracker in self._trackers.values() if tracker.parts]
        trackers = sorted(heard, key=lambda tracker: (tracker["kind"], tracker["product"], json.dumps(tracker)))
        text = _laid_out({"format": FORMAT, "written-by": self._writer, "trackers": trackers}) + "\n"
        read_record(text)
        return text


def read_record(text: str) -> list[RecordedTracker]:
    """The trackers of a record. Raises NotAShape for anything that is no record, or holds more than shapes."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAShape("it is not JSON") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise NotAShape(f'it does not begin with "format": "{FORMAT}"')
    _exactly(raw, {"format", "written-by", "trackers"})
    if not _WRITER.fullmatch(str(raw["written-by"])) or not isinstance(raw["trackers"], list):
        raise NotAShape("it does not say which version wrote it, or of which trackers it is")
    return [_read_tracker(each) for each in raw["trackers"]]


def _read_tracker(raw: Any) -> RecordedTracker:
    _exactly(raw, {"kind", "product", "version", "interface", "headers", "answers"})
    kind, product, version, interface = (raw[name] for name in ("kind", "product", "version", "interface"))
    if not isinstance(kind, str) or kind not in KINDS or product not in ("", *PRODUCTS):
        raise NotAShape("a tracker is of no known kind or product")
    for value, pattern in ((version, _VERSION), (interface, _INTERFACE)):
        if value != "" and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise NotAShape("a version is none")
    tracker = RecordedTracker(kind, product, version, interface)
    _read_headers(tracker, raw["headers"])
    if not isinstance(raw["answers"], dict):
        raise NotAShape("there are no answers")
    for operation, shapes in raw["answers"].items():
        if operation != OTHER_OPERATION and not is_operation(kind, operation):
            raise NotAShape("there is an operation that no document has")
        if not isinstance(shapes, dict) or not all(map(_STATUS.fullmatch, shapes)):
            raise NotAShape("there is an answer without a status")
        tracker.answers[operation] = {
            status: read(shape, answered(kind, operation, status)) for status, shape in shapes.items()
        }
    return tracker


def _read_headers(tracker: RecordedTracker, raw: Any) -> None:
    _exactly(raw, tracker.headers.keys())
    for which, names in raw.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise NotAShape("there are no names of headers")
        told = {name for name in names if name != "<header 1>"}
        if known_headers(told) != sorted(told):
            raise NotAShape("there is a header in it that is not everybody's")
        tracker.headers[which] = told


def _exactly(raw: Any, names: Any) -> None:
    if not isinstance(raw, dict) or raw.keys() != set(names):
        raise NotAShape("there is more or less in it than in a record")


def _choice(exchange: Exchange) -> str:
    """What of an answer a request asked for: two that chose other fields are no evidence of what is left out."""
    chosen: dict[str, Any] = {name: values for name, values in parse_qs(exchange.query).items() if name in _CHOOSING}
    with suppress(ValueError, RecursionError):
        sent = json.loads(exchange.sent) if exchange.sent else None
        if isinstance(sent, dict):
            chosen |= {name: value for name, value in sent.items() if name in _CHOOSING}
    return json.dumps(chosen, sort_keys=True)


def _laid_out(value: Mapping[str, Any] | list[Any] | str, indent: int = 0, taken: int = 0) -> str:
    """JSON for people: what has room on a line stands on it. `taken` is how much of the line is used already."""
    line = json.dumps(value, ensure_ascii=True)
    if indent + taken + len(line) <= _WIDTH or not value or isinstance(value, str):
        return line
    if isinstance(value, list):
        parts = [_laid_out(each, indent + 2) for each in value]
        opened, closed = "[]"
    else:
        named = [(f"{json.dumps(key)}: ", each) for key, each in value.items()]
        parts = [name + _laid_out(each, indent + 2, len(name)) for name, each in named]
        opened, closed = "{}"
    return f"{opened}\n" + "\n".join(_filled(parts, " " * (indent + 2))) + f"\n{' ' * indent}{closed}"


def _filled(parts: list[str], margin: str) -> list[str]:
    """Lines with the parts, parted by commas: as many short ones on a line as have room."""
    lines: list[str] = []
    for number, part in enumerate(parts):
        text = part if number == len(parts) - 1 else f"{part},"
        open_line = lines and "\n" not in lines[-1] + part and len(lines[-1]) + len(text) < _WIDTH
        if open_line:
            lines[-1] += f" {text}"
        else:
            lines.append(margin + text)
    return lines
