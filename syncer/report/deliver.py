"""Puts a report where people find it: files, each complete or not there at all. Mail leaves by `syncer.delivery`."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from syncer.report.edition import FILES, Report

USUAL = ("html", "text", "markdown", "json", "csv")
"""The formats that are written when nobody names any."""


def write_files(report: Report, directory: Path, formats: Sequence[str] = USUAL) -> list[Path]:
    """Writes a report in some formats into a directory; the paths written, in order. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    return [_write(directory / FILES[name].name, _bytes(getattr(report, name))) for name in formats]


def write_mail(message: EmailMessage, path: Path) -> Path:
    """Writes a message as an `.eml` file that mail programs open; its path. Raises OSError."""
    return _write(path, message.as_bytes())


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _write(path: Path, content: bytes) -> Path:
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(content)
    return partial.replace(path)
