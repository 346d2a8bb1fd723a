"""Items, links and operations with sensible defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.contract.connector import Page
from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Cursor,
    Facts,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Side,
    Status,
    Version,
)
from syncer.core.codec import digest, encode_fields
from syncer.core.records import Conflict, Link, Operation, OperationState, Verb

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
PAIR = "payments"
OPEN = Status("To Do", Category.TODO)
CLOSED = Status("Done", Category.DONE, "Fixed")


def later(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def task(number: int, **showing: Any) -> Observed:
    """A task; keyword arguments replace fields by their lower-case name, `version` and `created` the rest."""
    created = showing.pop("created", later(number))
    version = showing.pop("version", "1")
    facts = showing.pop("facts", Facts())
    fields = {
        "title": f"Task {number}",
        "body": "退款超时\nNUL \x00 and a lone \ud83d",
        "status": OPEN,
        "labels": ("a", "b"),
    }
    return Observed(
        ref=Ref(Kind.TASK, str(number)),
        key=showing.pop("key", f"PAY-{number}"),
        url=f"https://acme.example/browse/{number}",
        version=Version(version),
        created=created,
        updated=showing.pop("updated", created),
        showing={Field(name): value for name, value in (fields | showing).items()},
        audience=Audience.MEMBERS,
        author=Account("zhao.min", "赵敏"),
        facts=facts,
    )


def comment(number: int, of: Observed, body: str = "Looks good 👍") -> Observed:
    """A comment of a task."""
    return Observed(
        ref=Ref(Kind.COMMENT, str(number)),
        key=str(number),
        url=f"{of.url}#{number}",
        version=Version("1"),
        created=later(number),
        updated=later(number),
        showing={Field.BODY: body},
        audience=Audience.MEMBERS,
        parent=of.ref,
    )


def page(*items: Observed, cursor: str = "", complete: tuple[Observed, ...] = ()) -> Page:
    """A page of these items."""
    return Page(items, Cursor(cursor), frozenset(one.ref for one in complete))


def link(left: Observed, right: Observed, name: str | None = None, *, settled: bool = True, **others: Any) -> Link:
    """A link of two items, settled at what they show."""
    return Link(
        id=name or f"link-{left.ref.id}",
        pair=others.pop("pair", PAIR),
        kind=left.kind,
        left=left.ref,
        right=right.ref,
        origin=others.pop("origin", Side.LEFT),
        base={Side.LEFT: encode_fields(left.showing), Side.RIGHT: encode_fields(right.showing)} if settled else {},
        settled={Side.LEFT: digest(left), Side.RIGHT: digest(right)} if settled else {},
        **others,
    )


def create(source: Observed, name: str = "op-1", **others: Any) -> Operation:
    """A create on the right, about to be sent."""
    return Operation(
        id=name,
        pair=PAIR,
        run="run-1",
        epoch=1,
        verb=others.pop("verb", Verb.CREATE),
        side=others.pop("side", Side.RIGHT),
        kind=source.kind,
        source=source.ref,
        target=others.pop("target", None),
        marker=Marker(f"m.{name}"),
        payload={"title": "x\x00\ud83d"},
        reason="new on the left \x00",
        state=others.pop("state", OperationState.SENT),
        at=NOON,
        **others,
    )


def conflict(**others: Any) -> Conflict:
    """A conflict about a title."""
    values: dict[str, Any] = {"id": 0, "pair": PAIR, "link": "link-1", "field": Field.TITLE, "left": "L", "right": "R"}
    values |= {"base_left": "B", "base_right": None, "policy": "ask", "opened_at": NOON}
    return Conflict(**(values | others))
