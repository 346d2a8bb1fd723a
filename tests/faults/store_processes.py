"""Runs a few lines of Python that use the store in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PREAMBLE = """
import os, signal, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from syncer.contract.model import Field, Kind, Side
from syncer.core.records import OperationState
from syncer.store import Busy, StateError, Store
from tests.unit.store.builders import NOON, PAIR, comment, create, later, link, page, task

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def opened():
    return Store.open(sys.argv[1], clock=lambda: datetime.now(UTC))

def say(text):
    print(text, flush=True)
"""


def process(code: str, location: str | Path, *, talks: bool = False, as_nobody: bool = False) -> subprocess.Popen[str]:
    """A process that runs `code` against the state at `location`; what it says can be read line by line.

    With `talks` it can be written to.
    """
    return subprocess.Popen(
        [sys.executable, "-B", "-c", PREAMBLE + code, str(location)],
        stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def said(code: str, location: str | Path) -> tuple[list[str], int, str]:
    """What such a process said until its end, its exit status and its complaints."""
    with process(code, location) as running:
        output, complaints = running.communicate(timeout=120)
    return output.splitlines(), running.returncode, complaints
