"""From a file to the TOML in it, or to one line that says what the file is instead."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from syncer.settings.problems import Misconfigured, Problem, line_in

EXAMPLE = "`syncer init` writes one to start from"


def read_toml(file: Path, shown: str) -> tuple[str, dict[str, Any]]:
    """The text of a file and what it says. Raises Misconfigured, which calls the file `shown`."""
    text = _text(file, shown)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = _other_form(text) or f"is not TOML: {error}"
        raise Misconfigured([Problem(shown, message, line=line_in(str(error)))]) from None


def folder(file: Path) -> Problem:
    """What to say of a folder in the place of a file."""
    return Problem(str(file), f"is a folder: name the file in it; {EXAMPLE}")


def _text(file: Path, shown: str) -> str:
    """The text, without the byte order mark that some editors put before it."""
    try:
        return file.read_text("utf-8-sig")
    except IsADirectoryError:
        raise Misconfigured([folder(file)]) from None
    except OSError as error:
        raise Misconfigured([Problem(shown, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise Misconfigured([Problem(shown, message)]) from None


def _other_form(text: str) -> str:
    """What to say of a file that is JSON or YAML; empty for anything else."""
    begin = next((line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")), "")
    if begin.startswith("{"):
        return f"is JSON; the configuration is TOML: {EXAMPLE}"
    if begin == "---" or re.match(r"[\w-]+:(\s|$)", begin):
        return f"is YAML; the configuration is TOML: {EXAMPLE}"
    return ""
