"""How an issue shows its files, and where they are opened."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from connectors.jira.json_fields import Json, as_objects, need_id

MEDIA: Final = "media:"
"""Before the id of a file in Cloud's media service, as the target of an image: what ADF names a file by."""

_PAGE: Final = re.compile(r"/secure/attachment/[0-9]+/([^/?#]+)")


def page(site_url: str, native: str, name: str) -> str:
    """Where people open an attachment. It ends with the name, so that its address alone says what it is."""
    return f"{site_url}/secure/attachment/{native}/{quote(name)}"


def file_at(address: str) -> str:
    """The name of the attachment whose page an address is, on any site: sites move; empty where it is none."""
    found = _PAGE.search(address)
    return unquote(found[1]) if found else ""


def listed(fields: Json, where: str) -> list[Json]:
    """The attachments that the fields of an issue show, latest last. Raises Malformed."""
    attachments = as_objects(fields.get("attachment") or [], f"{where}.attachment")
    return sorted(attachments, key=lambda each: int(need_id(each, f"{where}.attachment")))
