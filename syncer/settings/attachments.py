"""`attachments` of a pair: pictures and files in texts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Key

from syncer.settings.table import ConfigTable


class AttachmentSettings(ConfigTable):
    """`attachments`: pictures and files to which texts refer are added to tasks of the other side."""

    largest_mb: Annotated[int, Key(ge=1, le=100)] = 20
    """Larger files stay links. In megabytes of 1,048,576 bytes."""

    @property
    def largest(self) -> int:
        """In bytes."""
        return self.largest_mb * 1024 * 1024


def as_attachments(value: object) -> object:
    """The key as people may write it."""
    match value:
        case bool():
            return AttachmentSettings() if value else None
        case dict() | AttachmentSettings():
            return value
        case _:
            raise ValueError("should be true, false, or a table such as { largest-mb = 20 }")
