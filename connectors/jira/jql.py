"""JQL, built from values by quoting: no text of a person or of the configuration can change a query's meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,254}")
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


def quoted(text: str) -> str:
    r"""`text` as a JQL string: in double quotes, with `\` and `"` escaped and line breaks as `\n` and `\r`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def project_key(text: str) -> str:
    """`text`, which must be a project key such as `PAY`. Raises ValueError."""
    if not _PROJECT_KEY.fullmatch(text):
        raise ValueError(f"{text!r} is not a project key: two or more capital letters, digits or _, a letter first")
    return text


def condition(text: str) -> str:
    """`text`, which must be one complete JQL condition that can stand in parentheses. Raises ValueError.

    An unclosed quote, a parenthesis that closes more than was opened, or an ORDER BY would let a filter reach outside
    the project it is meant to narrow.
    """
    outside, depth = _outside_quotes(text), 0
    for sign in outside:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            raise ValueError("a parenthesis is closed that was never opened")
    if depth:
        raise ValueError("a parenthesis is not closed")
    if _ORDER_BY.search(outside):
        raise ValueError("ORDER BY does not belong into a filter")
    return text.strip()


def _outside_quotes(text: str) -> str:
    """`text` with every quoted string replaced by a blank. Raises ValueError when a quote stays open."""
    kept: list[str] = []
    quote, escaped = "", False
    for sign in text:
        if escaped:
            escaped = False
        elif quote and sign == "\\":
            escaped = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
            kept.append(" ")
        else:
            kept.append(sign)
    if quote:
        raise ValueError(f"a quotation mark {quote} is not closed")
    return "".join(kept)


def all_of(conditions: Sequence[str], order: str = "") -> str:
    """The conditions joined by AND (empty ones left out), followed by an ORDER BY clause when `order` is given."""
    joined = " AND ".join(part for part in conditions if part)
    return f"{joined} ORDER BY {order}" if order else joined


def any_of(conditions: Sequence[str]) -> str:
    """The conditions joined by OR, in parentheses where there are several (empty ones left out)."""
    kept = [part for part in conditions if part]
    return f"({' OR '.join(kept)})" if len(kept) > 1 else "".join(kept)


def in_project(project: str) -> str:
    """Condition: in the project with this key or numeric id (an id survives a renaming of the project)."""
    return f"project = {project if project.isdigit() else quoted(project_key(project))}"


def within(text: str) -> str:
    """A configured filter in parentheses, "" when there is none."""
    return f"({condition(text)})" if text.strip() else ""


def updated_since(moment: int) -> str:
    """Condition: updated at or after `moment`, in epoch milliseconds.

    Only such a number is free of the account's time zone and of minute granularity.
    """
    return f"updated >= {moment}"


def updated_before(moment: int) -> str:
    """Condition: updated before `moment`, in epoch milliseconds."""
    return f"updated < {moment}"


def created_until(moment: int) -> str:
    """Condition: created at or before `moment`, in epoch milliseconds."""
    return f"created <= {moment}"


def keys_in(keys: Sequence[str]) -> str:
    """Condition: one of these issue keys."""
    return f"issuekey in ({', '.join(quoted(key) for key in keys)})"


def ids_in(ids: Sequence[str]) -> str:
    """Condition: one of these numeric issue ids; "" when there are none. Jira refuses one that does not exist."""
    if not all(native.isascii() and native.isdigit() for native in ids):
        raise ValueError("the id of an issue is a number")
    return f"id in ({', '.join(ids)})" if ids else ""


def created_since(moment: int) -> str:
    """Condition: created at or after `moment`, in epoch milliseconds."""
    return f"created >= {moment}"


def of_type_in_status(type_name: str, status: str) -> str:
    """Condition: of this issue type and in this status."""
    return f"issuetype = {quoted(type_name)} AND status = {quoted(status)}"


def updated_until(moment: int) -> str:
    """Condition: updated at or before `moment`, in epoch milliseconds."""
    return f"updated <= {moment}"


def key_after(key: str) -> str:
    """Condition: with a higher key than this one of the same project."""
    return f"issuekey > {quoted(key)}"
