"""What leads from one issue to others: its parent or epic, and the links to other issues. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.jira.dialect import Dialect
from connectors.jira.json_fields import Json, as_objects, need_id, want
from connectors.jira.link_types import LinkType
from syncer.contract.model import Field, Value


def linked(fields: Json, types: Mapping[Field, LinkType], where: str) -> dict[Field, Value]:
    """The sets of edges; nothing where the answer does not show links, or not what they are. Raises Malformed."""
    if fields.get("issuelinks") is None:
        return {}
    if any(_is_unclear(link, types) for link in as_objects(fields["issuelinks"], f"{where}.issuelinks")):
        return {}
    links = links_of(fields, types, where)
    return {field: tuple(sorted({end for of, _, end in links if of is field})) for field in types}


def other_links(fields: Json, types: Mapping[Field, LinkType]) -> tuple[str, ...]:
    """The types of an issue's links that are no edge of it or of the other end: they stay where they are."""
    carried = {one.name for one in types.values()}
    found = fields.get("issuelinks")
    kinds = (link.get("type") for link in found if isinstance(link, dict)) if isinstance(found, list) else ()
    names = (kind.get("name") for kind in kinds if isinstance(kind, dict))
    return tuple(sorted({name for name in names if isinstance(name, str) and name not in carried}))


def _is_unclear(link: Json, types: Mapping[Field, LinkType]) -> bool:
    """Whether a link does not tell its type, or tells no other end of an edge: one that is not told is not gone."""
    kind = link.get("type")
    name = kind.get("name") if isinstance(kind, dict) else None
    if not isinstance(name, str):
        return True
    ends = (link.get("inwardIssue"), link.get("outwardIssue"))
    return name in {one.name for one in types.values()} and not any(isinstance(end, dict) for end in ends)


def links_of(fields: Json, types: Mapping[Field, LinkType], where: str) -> list[tuple[Field, str, str]]:
    """Field, id of the link and id of its other end, of each link that is an edge of this issue. Raises Malformed."""
    fields_by_type = {one.name: field for field, one in types.items()}
    found: list[tuple[Field, str, str]] = []
    for link in as_objects(fields.get("issuelinks") or [], f"{where}.issuelinks"):
        kind = link.get("type")
        field = fields_by_type.get(kind.get("name", "")) if isinstance(kind, dict) else None
        if field is not None:
            native = need_id(link, f"{where}.issuelinks")
            ends = (link.get(name) for name in types[field].ends)
            found += [(field, native, need_id(end, f"{where}.issuelinks")) for end in ends if isinstance(end, dict)]
    return found


def above(
    fields: Json, dialect: Dialect, epic_link: str | None, epics: Mapping[str, str], where: str
) -> dict[Field, Value]:
    """The parent; nothing where the answer does not tell, or tells it by the key of an epic that is not in `epics`.

    An issue without a parent lacks the field, which is always asked for together with the type. Data Center has it at
    sub-tasks alone, and a field of its own for the epic of all others. Raises Malformed.
    """
    parent = want(fields, "parent", dict, where)
    if parent is not None:
        return {Field.PARENT: need_id(parent, f"{where}.parent")}
    if dialect.has_parents:
        return {Field.PARENT: None} if "issuetype" in fields else {}
    if epic_link is None or epic_link not in fields:
        return {}
    key = epic_key(fields, epic_link)
    if key is None:
        return {Field.PARENT: None}
    return {Field.PARENT: epics[key]} if key in epics else {}


def epic_key(fields: Json, epic_link: str) -> str | None:
    """The key of the epic that an issue names in the field for it."""
    found = fields.get(epic_link)
    return found if isinstance(found, str) and found else None
