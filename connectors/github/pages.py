"""What the addresses of GitHub's pages look like, whichever host they are on."""

from __future__ import annotations

import re
from typing import Final

from syncer.richtext.links import PageShapes

_ISSUE = re.compile(r"https?://[^/?#\s]+/(?:[^/?#\s]+/)*?([^/?#\s]+/[^/?#\s]+)/issues/([1-9][0-9]{0,9})/?")
_PERSON = re.compile(r"https?://[^/?#\s]+/(?:[A-Za-z0-9][A-Za-z0-9_-]*(?:\[bot\])?|orgs/[^/?#\s]+/teams/[^/?#\s]+)/?")


def issue_key(address: str) -> str:
    """The key of the issue whose page this is (`acme/pay#12`); empty when it is none."""
    found = _ISSUE.fullmatch(address)
    return f"{found[1]}#{found[2]}" if found else ""


PAGES: Final = PageShapes(issue_key, _PERSON)
