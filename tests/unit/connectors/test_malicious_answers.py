"""Answers made to harm their reader: each ends in time and in little memory, with an error that names the request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.connectors.hostile import Hostile, bomb, dripping, endless, whole

MOST_MEMORY = 200
"""Megabytes of the whole process."""

READER = """
import json, sys
from importlib import import_module
kind, port, extra = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
module = import_module(f"connectors.{kind}")
if kind == "jira":
    tracker = {"url": f"http://127.0.0.1:{port}", "allow-http": True, "user": "a@b.example", "token": "t", **extra}
    scope = {"project": "PAY"}
else:
    tracker = {"url": f"http://127.0.0.1:{port}", "token": "ghp_0123456789", **extra}
    scope = {"repository": "acme/pay"}
opened = module.KIND.open(module.KIND.tracker_settings.model_validate(tracker),
                          module.KIND.scope_settings.model_validate(scope))
from syncer.contract.conformance import Remembered
from syncer.contract.errors import TrackerError
try:
    list(opened.changes(None, Remembered()))
    said = "nothing"
except TrackerError as error:
    said = f"{type(error).__name__}: {error}"
# Not `getrusage`: that begins with what the process that started this one had used.
(peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
print(json.dumps([said, int(peak.split()[1]) // 1024]))
"""

SETTINGS = {"answer-seconds": 2, "answer-mebibytes": 16}
JSON = {"jira": "/project/PAY", "github": "the repository acme/pay"}
"""What is asked first, as messages name it."""


def read(kind: str, answer: Iterable[bytes] | bytes, **settings: Any) -> tuple[str, int]:
    """What a reading in a process of its own ended with, and the megabytes it took. Fails when it takes too long."""
    with Hostile(answer) as server:
        done = subprocess.run(
            [sys.executable, "-c", READER, kind, str(server.port), json.dumps({**SETTINGS, **settings})],
            capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said, megabytes = json.loads(done.stdout)
    return said, megabytes


START = whole(b"[").split(b"Content-Length: 1\r\n")[0] + b"Content-Type: application/json\r\n\r\n["
ANSWERS: dict[str, tuple[Callable[[], Iterable[bytes] | bytes], str]] = {
    "a gzip bomb": (lambda: whole(bomb(), "Content-Encoding: gzip"), "larger than 16 MiB (answer-mebibytes)"),
    "a body without end": (lambda: endless(START), "larger than 16 MiB (answer-mebibytes)"),
    "a byte every half second": (lambda: dripping(START, 0.5), "not complete after 2 s (answer-seconds)"),
    "a header that drips": (lambda: dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.5), "not complete after 2 s"),
    "JSON 200,000 deep": (lambda: whole(b"[" * 200_000 + b"]" * 200_000), "nested more than 100 levels"),
    "objects 200,000 deep": (lambda: whole(b'{"a":' * 200_000 + b"1" + b"}" * 200_000), "nested more than 100 levels"),
    "five million empty lists": (lambda: whole(b"[" + b"[]," * 5_000_000 + b"[]]"), "1,000,000 values"),
    "a header of ten megabytes": (lambda: whole(b"[]", "X-Large: " + "x" * 10_000_000), ""),
    "a number of a million digits": (lambda: whole(b"[" + b"9" * 1_000_000 + b"]"), "no JSON"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jira", "github"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_made_to_harm_ends_with_the_name_of_the_request_and_in_little_memory(kind: str, name: str) -> None:
    answer, reason = ANSWERS[name]
    tries = {"read-tries": 1}
    said, megabytes = read(kind, answer(), **tries)
    assert said.startswith(("Retryable", "Untaken")), said
    assert reason in said, said
    assert JSON[kind] in said, said
    assert megabytes < MOST_MEMORY, (said, megabytes)


@pytest.mark.parametrize("kind", ["jira", "github"])
@pytest.mark.parametrize("header", ["Retry-After: " + "9" * 22, "Retry-After: " + "9" * 5_000])
def test_a_wait_beyond_all_measure_is_a_day(kind: str, header: str) -> None:
    said, _ = read(kind, whole(b"{}", header, "X-RateLimit-Reset: " + "9" * 22, status="429 Too Many Requests"))
    assert said.startswith(("Retryable", "Limited")), said
