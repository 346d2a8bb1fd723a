"""Where the configuration file is, and where the state is that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as FilePath

from syncer.settings.problems import Misconfigured, Problem
from syncer.settings.reading import folder

FILE_NAME = "syncer.toml"
STATE_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
STATE_FORMS = "a state is a directory, or postgresql://USER@HOST/DATABASE; no other kind of address"

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def is_state_location(text: str) -> bool:
    """Whether a state can lie there: a path, or an address of PostgreSQL."""
    return text.startswith(STATE_SCHEMES) or _ADDRESS.match(text) is None


def locate(chosen: FilePath | None, environment: Mapping[str, str], directory: FilePath) -> FilePath:
    """The configuration file: `--config`, `SYNCER_CONFIG`, `syncer.toml` here, or the user's. Raises Misconfigured."""
    if chosen is None and (variable := environment.get("SYNCER_CONFIG")):
        chosen = FilePath(variable)
    if chosen is not None:
        if chosen.is_dir():
            raise Misconfigured([folder(chosen)])
        if not chosen.is_file():
            raise Misconfigured([Problem(str(chosen), "there is no such file; `syncer init` writes one")])
        return chosen
    base = environment.get("XDG_CONFIG_HOME") or str(FilePath(environment.get("HOME", "~")).expanduser() / ".config")
    candidates = [directory / FILE_NAME, FilePath(base) / "syncer" / FILE_NAME]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    looked = " and ".join(str(candidate) for candidate in candidates)
    raise Misconfigured([Problem(FILE_NAME, f"not found (looked for {looked}); `syncer init` writes one")])


def state_location(chosen: str | None, written: str, environment: Mapping[str, str], beside: FilePath) -> str:
    """Where the state is: `--state` or `SYNCER_STATE`, the file's `state`, or `$XDG_STATE_HOME/syncer`."""
    if chosen:
        return chosen if "://" in chosen else str(FilePath(chosen).expanduser().absolute())
    if written:
        return written if "://" in written else str((beside / FilePath(written).expanduser()).absolute())
    base = environment.get("XDG_STATE_HOME") or str(
        FilePath(environment.get("HOME", "~")).expanduser() / ".local/state"
    )
    return str(FilePath(base) / "syncer")
