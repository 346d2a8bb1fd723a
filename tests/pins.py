"""Writes `requirements.txt` anew: `python -m tests.pins`. Run it after a change of `constraints.txt`, with the network.

`constraints.txt` says which versions are tested; pip takes no hashes from it where a folder is installed. So the pins
of what runs (no tests, no tools) stand once more in `requirements.txt`, each with the hash of every wheel that pip
would take for a Python and a platform below. pip itself is asked, so that the index is the one it is configured for.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distribution
from itertools import product
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "tracker-syncer"
CONSTRAINTS = ROOT / "constraints.txt"
REQUIREMENTS = ROOT / "requirements.txt"

EXTRAS = frozenset({"report", "cluster", "notify", "hooks", "sandbox"})
"""The extras that add something to run (that of PostgreSQL is part of the cluster's); the others are for tests."""
PYTHONS = ("3.11", "3.12", "3.13")
_GLIBC = ("2_39", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
_MANYLINUX = (*(f"manylinux_{level}" for level in _GLIBC), "manylinux2014", "manylinux2010", "manylinux1")
_MACOS = ("15_0", "14_0", "13_0", "12_0", "11_0", "10_15", "10_14", "10_13", "10_12", "10_9")
PLATFORMS: Mapping[str, Sequence[str]] = {
    "Linux x86-64": [f"{tag}_x86_64" for tag in _MANYLINUX],
    "Linux x86-64 of 2018 to 2021": [f"{tag}_x86_64" for tag in _MANYLINUX[_GLIBC.index("2_28") :]],
    "Linux ARM": [f"{tag}_aarch64" for tag in _MANYLINUX],
    "Alpine x86-64": ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"],
    "macOS ARM": [f"macosx_{level}_{kind}" for level in _MACOS[:5] for kind in ("arm64", "universal2")],
    "macOS x86-64": [f"macosx_{level}_{kind}" for level in _MACOS for kind in ("x86_64", "universal2")],
}

HEADER = """\
# Everything that runs, with the hashes of its wheels; made from constraints.txt by `python -m tests.pins`.
#   pip install --require-hashes -r requirements.txt && pip install --no-deps tracker_syncer-VERSION-py3-none-any.whl
"""

_LACKING = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)==")


def pins(text: str) -> dict[str, str]:
    """Name -> version of the lines `name==version`."""
    found = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", text, re.MULTILINE)
    return dict(found)


def needed_to_run() -> set[str]:
    """The names of all packages that the installed project needs with all its extras, and of what those need."""
    environment = default_environment()
    seen: dict[str, frozenset[str]] = {}
    waiting = [(PROJECT, EXTRAS)]
    while waiting:
        name, extras = waiting.pop()
        if name in seen and extras <= seen[name]:
            continue
        seen[name] = seen.get(name, frozenset()) | extras
        for line in distribution(name).requires or ():
            wanted = Requirement(line)
            chosen = [{**environment, "extra": extra} for extra in (*seen[name], "")]
            if wanted.marker is None or any(wanted.marker.evaluate(one) for one in chosen):
                waiting.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
    return set(seen) - {PROJECT}


def hashes(wanted: Iterable[str], python: str, tags: Sequence[str]) -> dict[str, str]:
    """Name -> sha256 of the wheel that pip takes for a Python and a platform; without those there is no wheel for."""
    left = list(wanted)
    while True:
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch) / "report.json"
            platforms = [argument for tag in tags for argument in ("--platform", tag)]
            command = [
                sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--no-deps",
                "--only-binary=:all:", "--implementation", "cp", "--python-version", python, *platforms,
                "--target", f"{scratch}/nowhere", "--report", str(report), *left,
            ]  # fmt: skip
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            if ended.returncode == 0:
                return _in_report(json.loads(report.read_text("utf-8")))
        lacking = _LACKING.search(ended.stderr)
        if lacking is None:
            raise SystemExit(ended.stderr)
        left = [pin for pin in left if pin.partition("==")[0] != lacking[1]]


def _in_report(report: Mapping[str, list[dict[str, dict[str, dict[str, dict[str, str]]]]]]) -> dict[str, str]:
    return {
        canonicalize_name(str(one["metadata"]["name"])): one["download_info"]["archive_info"]["hashes"]["sha256"]
        for one in report["install"]
    }


def main() -> None:
    """Asks the index and writes the file."""
    versions = pins(CONSTRAINTS.read_text("utf-8"))
    runtime = sorted(needed_to_run())
    found: dict[str, set[str]] = {name: set() for name in runtime}
    for python, (platform, tags) in product(PYTHONS, PLATFORMS.items()):
        told = hashes([f"{name}=={versions[name]}" for name in runtime], python, tags)
        for name, digest in told.items():
            found[name].add(digest)
        print(f"Python {python}, {platform}: {len(told)} of {len(runtime)} as wheels")
    lines = (
        " \\\n    ".join([f"{name}=={versions[name]}", *(f"--hash=sha256:{digest}" for digest in sorted(found[name]))])
        for name in runtime
    )
    REQUIREMENTS.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
