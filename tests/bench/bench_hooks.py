"""How soon the receiver of webhooks answers: `python -m tests.bench.bench_hooks [--rounds 60] [--largest 4]`.

Sends signed deliveries of several sizes one after the other over real sockets, as a tracker does, and prints the median
and the 99th percentile of the time from the first byte to the answer. Ends with 1 where a median misses its bar. The
receiver is a process of its own; the bar is meant for an idle machine of two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psutil

from connectors.github.hooks import GitHubHooks
from syncer.contract.model import Side
from syncer.hooks.connections import Bounds
from syncer.hooks.judging import HookedTracker, Judge
from syncer.hooks.serving import HookServer, Receiver
from tests.bench.table import MISSED, Line, verdict

SECRETS: Final = (b"what-github-signs-with", b"what-github-signed-with")
BAR: Final = 50.0
"""Milliseconds."""
PAUSE: Final = 0.2
"""Seconds between two deliveries."""
SIZES: Final = (30_000, 300_000, 1_000_000)


def delivery(size: int, number: int) -> bytes:
    """News of an issue in about so many bytes: many small members, as GitHub has them, and some text."""
    entry = {"name": "area: payments", "color": "ededed", "default": False, "description": "What is paid. " * 4}
    labels = [{"id": count, **entry} for count in range(size // 145)]
    repository = {"full_name": "Acme/Pay", "id": 7}
    return json.dumps({"action": "edited", "number": number, "labels": labels, "repository": repository}).encode()


def request(body: bytes) -> bytes:
    """The delivery as it goes over the wire."""
    signature = hmac.new(SECRETS[0], body, hashlib.sha256).hexdigest()
    lines = [
        "POST /hooks/github HTTP/1.1", "host: 127.0.0.1", f"x-hub-signature-256: sha256={signature}",
        "x-github-event: issues", f"x-github-delivery: {signature[:16]}", "content-type: application/json",
        f"content-length: {len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + body


def answered(port: int, raw: bytes) -> float:
    """Milliseconds until the answer is there."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(raw)
        status = connection.recv(64)
        took = (time.perf_counter() - began) * 1000
        if b" 202 " not in status:
            raise SystemExit(f"a good delivery was answered: {status!r}")
        while connection.recv(4096):
            continue
    return took


def paused(told: float) -> float:
    """The same a moment later: what was answered is read by then."""
    time.sleep(PAUSE)
    return told


def serve(largest: int) -> None:
    """Serves until its input ends; the port is on the first line of its output."""
    bounds = Bounds(largest)
    server = HookServer("127.0.0.1", 0, bounds)
    tracker = HookedTracker("github", GitHubHooks(), SECRETS, {"acme/pay": [("payments", Side.RIGHT)]})
    server.start(Receiver(Judge([tracker], trusted_proxy=False), bounds, lambda _name, _judged: None))
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


@contextmanager
def receiving(largest: int) -> Iterator[tuple[int, psutil.Process]]:
    """The port of a receiver in a process of its own, and the process."""
    command = [sys.executable, "-m", "tests.bench.bench_hooks", "--serve", "--largest", str(largest)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline()), psutil.Process(process.pid)
        process.stdin.close()


def measured(port: int, process: psutil.Process, size: int, rounds: int) -> Line:
    """What deliveries of a size take, one after the other."""
    sent = [request(delivery(size, number)) for number in range(rounds + 3)]
    for raw in sent[:3]:
        answered(port, raw)
    before = sum(process.cpu_times()[:2])
    times = sorted(paused(answered(port, raw)) for raw in sent[3:])
    used = (sum(process.cpu_times()[:2]) - before) / rounds * 1000
    median, late = statistics.median(times), times[min(len(times) - 1, round(0.99 * len(times)))]
    said = f"{median:.1f} / {late:.1f} ms, {used:.0f} ms CPU"
    return Line(f"answered: {size / 1e6:.2f} MB, median / p99", said, f"< {BAR:.0f} ms", verdict(kept=median < BAR))


def beside_large_ones(port: int, size: int, rounds: int) -> Line:
    """What small deliveries take while large ones come without a pause."""
    ended = threading.Event()

    def large() -> None:
        number = 1_000
        while not ended.is_set():
            answered(port, request(delivery(size, number)))
            number += 1

    sender = threading.Thread(target=large)
    sender.start()
    try:
        times = sorted(answered(port, request(delivery(SIZES[0], -number))) for number in range(1, rounds + 1))
    finally:
        ended.set()
        sender.join()
    median, late = statistics.median(times), times[min(len(times) - 1, round(0.99 * len(times)))]
    said = f"{median:.1f} / {late:.1f} ms"
    return Line(f"answered: 0.03 MB beside {size / 1e6:.0f} MB", said, f"< {BAR:.0f} ms", verdict(kept=median < BAR))


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--largest", type=int, default=4, help="MB of the largest deliveries")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve((chosen.largest + 1) * 1_000_000)
        return 0
    missed = False
    with receiving(chosen.largest) as (port, process):
        largest = chosen.largest * 1_000_000
        lines = [
            *(measured(port, process, size, chosen.rounds) for size in (*SIZES, largest)),
            beside_large_ones(port, largest, chosen.rounds),
        ]
    sys.stdout.write(f"{'measured':44} {'bar':10} today\n")
    for line in lines:
        sys.stdout.write(f"{line.measured:44} {line.bar:10} {line.today:36} {line.verdict}\n")
        missed = missed or line.verdict == MISSED
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
