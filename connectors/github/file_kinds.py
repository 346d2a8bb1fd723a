"""What kind of file some bytes are. Only what GitHub itself lets people drop into a text is carried, if it is harmless.

A picture is known by its first bytes, whatever it is called; everything else by the ending of its name. What a browser
would run (pages, SVG, scripts) is never carried: a login page served in place of a picture ends here too.
"""

from __future__ import annotations

from typing import Final

from syncer.contract.errors import Rejected

_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", "png"),
    (b"\xff\xd8\xff", 0, "image/jpeg", "jpg"),
    (b"GIF87a", 0, "image/gif", "gif"),
    (b"GIF89a", 0, "image/gif", "gif"),
    (b"WEBP", 8, "image/webp", "webp"),
)
_FILES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "patch": "text/x-diff",
    "diff": "text/x-diff",
    "zip": "application/zip",
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
_BY_TYPE: Final = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
_RUN_BY_BROWSERS: Final = ("html", "svg", "xml", "javascript", "ecmascript")
_PAGE_BEGINS: Final = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")


def identified(name: str, declared: str, content: bytes) -> tuple[str, str]:
    """Name with a fitting ending, and media type. `name` is the last part of the address, `declared` what was answered.

    Raises Rejected for what is not carried.
    """
    if not content:
        raise Rejected(f"{name or 'the file'} is empty")
    stem, _, ending = name.rpartition(".")
    for signature, offset, media_type, known_ending in _PICTURES:
        if content.startswith(signature, offset):
            fits = ending.lower() == known_ending or (known_ending == "jpg" and ending.lower() == "jpeg")
            return (name if stem and fits else f"{stem or 'picture'}.{known_ending}"), media_type
    begins = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if declared.startswith("image/") or any(word in declared for word in _RUN_BY_BROWSERS):
        raise Rejected(f"{name or 'the file'} ({declared}) is no kind of file that is carried")
    if begins.startswith(_PAGE_BEGINS):
        raise Rejected(f"{name or 'the file'} is a page and no file")
    if not stem and declared in _BY_TYPE:
        name, stem, ending = f"video.{_BY_TYPE[declared]}", "video", _BY_TYPE[declared]
    if not stem or ending.lower() not in _FILES:
        raise Rejected(f"{name or 'the file'} ({declared or 'of no kind'}) is no kind of file that is carried")
    return name, _FILES[ending.lower()]
