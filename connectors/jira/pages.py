"""What the addresses of Jira's pages look like, whichever site they are on."""

from __future__ import annotations

import re
from typing import Final

from syncer.richtext.links import PageShapes

_ISSUE = re.compile(r"https?://[^/?#\s]+/(?:[^/?#\s]+/)*browse/([A-Z][A-Z0-9_]*-[1-9][0-9]{0,9})/?")
_PERSON = re.compile(r"https?://[^?#\s]+/(?:jira/people/[^/?#\s]+|secure/ViewProfile\.jspa\?name=[^&#\s]+)")


def issue_key(address: str) -> str:
    """The key of the issue whose page this is (`PAY-7`); empty when it is none."""
    found = _ISSUE.fullmatch(address)
    return found[1] if found else ""


PAGES: Final = PageShapes(issue_key, _PERSON)
