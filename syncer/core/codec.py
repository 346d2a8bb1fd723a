"""Values of the model and rosters as JSON and back, and the digest by which it is seen that an item changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Facts,
    Field,
    Marker,
    Observed,
    Ref,
    Side,
    Status,
    Value,
    Version,
)
from syncer.contract.roster import Collaborator, ComponentLead, Group, Permission, Roster, Unread
from syncer.contract.sprint import Moment, Sprint, SprintState
from syncer.core.waiting import Difference, Why


def encode_value(value: Value) -> Any:
    """A JSON-able form from which `decode_value` restores the value."""
    match value:
        case Status():
            return {"name": value.name, "category": value.category.value, "reason": value.reason}
        case tuple():
            return list(value)
        case date():
            return {"date": value.isoformat()}
        case _:
            return value


def decode_value(encoded: Any) -> Value:
    """The value that `encode_value` was given."""
    match encoded:
        # The likeliest first: a large report decodes a million values.
        case str() | None:
            return encoded
        case list():
            return tuple(encoded)
        case {"name": str() as name, "category": category, "reason": reason}:
            return Status(name, Category(category), reason)
        case {"date": str() as day}:
            return date.fromisoformat(day)
        case float() | int() if not isinstance(encoded, bool):
            return float(encoded)
        case _:
            raise ValueError(f"not an encoded value: {encoded!r}")


def encode_difference(difference: Difference) -> list[Any]:
    """A JSON-able form from which `decode_difference` restores it."""
    retry_at = None if difference.retry_at is None else difference.retry_at.isoformat()
    where = (difference.field.value, difference.side.value, difference.why.value)
    return [*where, difference.reason, difference.attempts, retry_at]


def decode_difference(encoded: list[Any]) -> Difference:
    """The difference that `encode_difference` was given."""
    field, side, why, reason, attempts, retry_at = encoded
    at = None if retry_at is None else datetime.fromisoformat(retry_at)
    return Difference(Field(field), Side(side), Why(why), reason, attempts, at)


def encode_fields(fields: Mapping[Field, Value]) -> dict[str, Any]:
    """Fields by name, each encoded."""
    return {name.value: encode_value(value) for name, value in fields.items()}


def said_fields(fields: Mapping[Field, Value]) -> dict[str, Any]:
    """Fields by what people call them, each encoded: to be shown, not to be read again."""
    return {str(name): encode_value(value) for name, value in fields.items()}


def decode_fields(encoded: Mapping[str, Any]) -> dict[Field, Value]:
    """The fields that `encode_fields` was given."""
    return {_FIELDS.get(name) or Field(name): decode_value(value) for name, value in encoded.items()}


_FIELDS = {field.value: field for field in Field}
"""Those that every pair knows, of nearly all values: found faster than by the enumeration itself."""


_HOURS = ("estimate_hours", "spent_hours")
"""Facts that most items have not."""


def encode_observed(item: Observed) -> dict[str, Any]:
    """All of an observed item."""
    return {
        "ref": str(item.ref),
        "key": item.key,
        "url": item.url,
        "version": item.version,
        "created": item.created.isoformat(),
        "updated": item.updated.isoformat(),
        "fields": encode_fields(item.showing),
        "audience": int(item.audience),
        "author": None
        if item.author is None
        else {"id": item.author.id, "name": item.author.name, "url": item.author.url, "bot": item.author.bot},
        "marker": item.marker,
        "parent": None if item.parent is None else str(item.parent),
        **({"audience_untold": True} if item.audience_untold else {}),
        **({"hidden": item.hidden} if item.hidden else {}),
        "facts": _encoded_facts(item.facts),
    }


def _encoded_facts(facts: Facts) -> dict[str, Any]:
    return {
        "open_blockers": facts.open_blockers,
        "flagged": facts.flagged,
        "closed": None if facts.closed is None else facts.closed.isoformat(),
        "points": facts.points,
        "iteration": facts.iteration,
        "attachments": facts.attachments,
        # Most items have none of these, and states that know of none are read as well.
        **({"files": [list(file) for file in facts.files]} if facts.files else {}),
        **({"references": list(facts.references)} if facts.references else {}),
        **({"rank": facts.rank} if facts.rank else {}),
        **({"uncarried": [field.value for field in facts.uncarried]} if facts.uncarried else {}),
        **({"other_links": list(facts.other_links)} if facts.other_links else {}),
        **({"level": facts.level} if facts.level is not None else {}),
        **({"sprints": [_encoded_sprint(one) for one in facts.sprints]} if facts.sprints else {}),
        **{name: hours for name in _HOURS if (hours := getattr(facts, name)) is not None},
    }


_NO_FACTS = Facts()
_ENCODED_NO_FACTS = _encoded_facts(_NO_FACTS)
"""Of most items; they share it."""


def decode_observed(encoded: Mapping[str, Any]) -> Observed:
    """The item that `encode_observed` was given."""
    author = encoded["author"]
    return Observed(
        ref=Ref.parse(encoded["ref"]),
        key=encoded["key"],
        url=encoded["url"],
        version=Version(encoded["version"]),
        created=datetime.fromisoformat(encoded["created"]),
        updated=datetime.fromisoformat(encoded["updated"]),
        showing=decode_fields(encoded["fields"]),
        audience=Audience(encoded["audience"]),
        author=None if author is None else Account(**author),
        audience_untold=encoded.get("audience_untold", False),
        hidden=encoded.get("hidden", ""),
        marker=None if encoded["marker"] is None else Marker(encoded["marker"]),
        parent=None if encoded["parent"] is None else Ref.parse(encoded["parent"]),
        facts=_NO_FACTS if encoded["facts"] == _ENCODED_NO_FACTS else _decoded_facts(encoded["facts"]),
    )


def _decoded_facts(encoded: Mapping[str, Any]) -> Facts:
    # Before they were fields, facts held the parent and the blockers too; the next complete reading shows them again.
    facts = {name: value for name, value in encoded.items() if name not in {"parent", "blocked_by"}}
    closed = facts.pop("closed")
    return Facts(
        closed=None if closed is None else datetime.fromisoformat(closed),
        files=tuple((name, address) for name, address in facts.pop("files", ())),
        references=tuple(facts.pop("references", ())),
        other_links=tuple(facts.pop("other_links", ())),
        uncarried=tuple(map(Field, facts.pop("uncarried", ()))),
        sprints=tuple(_decoded_sprint(one) for one in facts.pop("sprints", ())),
        **facts,
    )


_SPRINT_TIMES = ("start", "end", "completed")


def _encoded_sprint(sprint: Sprint) -> dict[str, Any]:
    """What a sprint tells; what it does not is left out."""
    times = {name: at.isoformat() for name in _SPRINT_TIMES if (at := getattr(sprint, name)) is not None}
    words = {"id": sprint.id, "state": sprint.state, "goal": sprint.goal}
    return {"name": sprint.name, **{name: word for name, word in words.items() if word}, **times}


def _decoded_sprint(encoded: Mapping[str, Any]) -> Sprint:
    told = dict(encoded)
    told |= {name: _moment(told[name]) for name in _SPRINT_TIMES if name in told}
    return Sprint(**told | {"state": SprintState(told["state"]) if "state" in told else None})


def _moment(text: str) -> Moment:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def compact(value: Any) -> str:
    """JSON text, the same for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(item: Observed) -> str:
    """32 hexadecimal digits that change when anything changes that is compared or carried.

    That is fields, audience, parent, and what is read in place of a text that is hidden.
    """
    hidden = [item.hidden] if item.hidden else []
    compared = [encode_fields(item.showing), int(item.audience), str(item.parent), *hidden]
    return blake2b(compact(compared).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def encode_roster(roster: Roster) -> dict[str, Any]:
    """A JSON-able form from which `decode_roster` restores the roster."""
    return asdict(roster)


def decode_roster(encoded: Mapping[str, Any]) -> Roster:
    """The roster that `encode_roster` was given."""
    return Roster(
        lead=_account(encoded["lead"]),
        owner=_account(encoded["owner"]),
        components=tuple(ComponentLead(one["name"], _account(one["lead"])) for one in encoded["components"]),
        roles=_groups(encoded["roles"]),
        teams=_groups(encoded["teams"]),
        collaborators=tuple(
            Collaborator(Account(**one["account"]), Permission(one["permission"])) for one in encoded["collaborators"]
        ),
        code_owners=encoded["code_owners"],
        code_owners_path=encoded["code_owners_path"],
        reader=_account(encoded["reader"]),
        unread=tuple(Unread(**one) for one in encoded["unread"]),
    )


def _account(encoded: Mapping[str, Any] | None) -> Account | None:
    return None if encoded is None else Account(**encoded)


def _groups(encoded: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group(one["name"], tuple(Account(**each) for each in one["members"])) for one in encoded)
