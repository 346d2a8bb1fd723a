"""Starts a witness as a process of its own on 127.0.0.1, waits until it answers, and ends it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60
"""Seconds until a witness that does not answer counts as broken."""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: Sequence[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """The address of a server that listens on a port; it has ended when the block has, or this process."""
    leash = [sys.executable, str(Path(__file__).with_name("leash.py"))]
    with log.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(
            [*leash, *command], stdin=subprocess.PIPE, stdout=told, stderr=subprocess.STDOUT, env=dict(environment),
            cwd=log.parent,
        )  # fmt: skip
    try:
        _await_answer(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns as soon as anything is answered. Raises RuntimeError when the process ends or stays silent."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{process.args!r} does not serve: {log.read_text('utf-8', 'replace')[-2000:]}")
