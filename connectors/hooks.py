"""What reading a delivery takes, whichever tracker sent it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from syncer.contract.hooks import Delivery

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def document(delivery: Delivery, *, form: str = "") -> dict[str, Any]:
    """The JSON object in the body; `form` names the field that holds it where the tracker may send a form.

    Raises ValueError for anything else. No message repeats what the body holds.
    """
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        text = delivery.body.decode("utf-8")
        if form and kind == FORM:
            text = _field(text, form)
        elif kind != JSON:
            raise ValueError("the content type is not one that this tracker sends")
        found = json.loads(text)
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("the body is not JSON") from None
    except RecursionError:
        raise ValueError("the body is nothing that this tracker sends") from None
    if not isinstance(found, dict):
        raise ValueError("the body is not a JSON object")  # noqa: TRY004 - what was sent, not what was passed
    return found


def _field(text: str, name: str) -> str:
    """A field of a form. Raises ValueError."""
    try:
        return parse_qs(text, strict_parsing=True, max_num_fields=4)[name][0]
    except (ValueError, KeyError):
        raise ValueError("the body is not the form that this tracker sends") from None


def within(value: Any, *keys: str) -> Any:
    """What lies in an object at a path of keys; None where there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Any) -> str:
    """A name or an id as a text; empty for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
