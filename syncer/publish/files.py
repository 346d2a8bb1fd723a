"""Puts a report where people find it: files, each complete or not there at all. Mail leaves by `syncer.publish.mail`.

A report holds what issues hold, so its files and the folders made for them are their owner's alone, whatever the umask
is, unless somebody who serves them says otherwise.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path

from syncer.report.build import FILES, Report

USUAL = ("html", "text", "markdown", "json", "csv")
"""The formats that are written when nobody names any."""

OWN = 0o600


def write_files(report: Report, directory: Path, formats: Sequence[str] = USUAL, mode: int = OWN) -> list[Path]:
    """Writes a report in some formats into a directory; the paths written, in order. Raises OSError.

    `mode` is that of the files; see `make_folder`.
    """
    make_folder(directory, mode)
    return [write_file(directory / FILES[name].name, report.pieces(name), mode) for name in formats]


def write_mail(message: EmailMessage, path: Path, mode: int = OWN) -> Path:
    """Writes a message as an `.eml` file that mail programs open; its path. Raises OSError."""
    return write_file(path, message.as_bytes(), mode)


def write_file(path: Path, content: str | bytes | Iterable[bytes], mode: int = OWN) -> Path:
    """Writes a file of this very mode, whole or not at all; its path. Raises OSError."""
    partial = path.with_name(f".{path.name}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN)
    with open(descriptor, "wb") as stream:  # noqa: PTH123 -- a descriptor has no path
        os.fchmod(descriptor, mode)
        stream.writelines(_pieces(content))
    return partial.replace(path)


def _pieces(content: str | bytes | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(content, str):
        return (content.encode("utf-8"),)
    return (content,) if isinstance(content, bytes) else content


def make_folder(directory: Path, mode: int = OWN) -> None:
    """Makes a directory and those above it; who may read files of this mode can enter them. Raises OSError.

    A directory that exists keeps its mode.
    """
    if directory.is_dir():
        return
    if directory.exists():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
    make_folder(directory.parent, mode)
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(mode | (mode & 0o444) >> 2)  # x where r
