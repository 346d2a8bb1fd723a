"""Plays many arbitrary histories of the engine.

    python -m tests.properties.histories [--histories 2000] [--steps 50] [--seed 1] [--workers 2]

Each worker plays its share from a seed of its own. A history that fails is shrunk and printed; the last line is JSON
with the seeds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import SyncMachine


def play(worker_seed: int, histories: int, steps: int) -> str:
    """What a worker's share violates; empty where all holds."""
    machine = seed(worker_seed)(type("Seeded", (SyncMachine,), {}))
    chosen = settings(
        max_examples=histories, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except BaseException:  # noqa: BLE001 - whatever it was, a history failed
        return traceback.format_exc()
    return ""


def main() -> int:
    """Plays the histories."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("histories", 2_000), ("steps", 50), ("seed", 1), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    began = time.monotonic()
    seeds = [options.seed + number for number in range(options.workers)]
    share = options.histories // options.workers
    with ProcessPoolExecutor(options.workers) as pool:
        found = dict(zip(seeds, pool.map(play, seeds, [share] * len(seeds), [options.steps] * len(seeds)), strict=True))
    for failed, trace in found.items():
        if trace:
            print(f"seed {failed}:\n{trace}", file=sys.stderr)
    result = {
        "histories": share * len(seeds), "steps": options.steps, "seeds": seeds,
        "failed": [failed for failed, trace in found.items() if trace], "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    print(json.dumps(result))
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
