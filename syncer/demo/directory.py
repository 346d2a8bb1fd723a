"""The directory of a demonstration or a rehearsal: written to only where we may, and only what is ours is removed."""

from __future__ import annotations

import shutil
from pathlib import Path

from syncer.demo.configuration import FILE_NAME, RESPONSIBILITIES
from syncer.publish.files import make_folder, write_file
from syncer.report.build import FILES

MARKER = ".syncer-demo"
"""A file by which a directory of ours is known."""

MAIL = "report.eml"
CHINESE = "report.zh.html"
SIDES = "sides.html"

_OURS = (
    MARKER, FILE_NAME, RESPONSIBILITIES, "state", "secrets", *(file.name for file in FILES.values()), MAIL, CHINESE,
    SIDES,
)  # fmt: skip


def is_ours(directory: Path) -> bool:
    """Whether we may write here: nothing is there, or an earlier demonstration is."""
    if not directory.exists():
        return True
    return directory.is_dir() and ((directory / MARKER).is_file() or not any(directory.iterdir()))


def start_afresh(directory: Path) -> None:
    """Removes what an earlier demonstration left, and nothing else. Raises OSError."""
    make_folder(directory)
    for name in _OURS:
        path = directory / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    write_file(directory / MARKER, "Made by `syncer`, which may remove it.\n")


def refusal(directory: Path) -> str:
    """What is said of a directory that is not ours."""
    return f"{directory} holds something else than an earlier demo; nothing was touched. Choose another --dir."
