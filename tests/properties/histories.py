"""Plays many arbitrary histories of the engine.

    python -m tests.properties.histories [--histories 2000] [--steps 50] [--seed 1] [--workers 2] [--shrink]

Each worker plays its share from a seed of its own. A history that fails is printed; the last line is JSON
with the seeds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import SyncMachine


def play(worker_seed: int, histories: int, steps: int, shrink: bool) -> str:
    """What a worker's share violates; empty where all holds."""
    machine = seed(worker_seed)(type("Seeded", (SyncMachine,), {}))
    chosen = settings(
        max_examples=histories, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
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
    parser.add_argument("--shrink", action="store_true", help="look for the shortest history that fails")
    options = parser.parse_args()
    began = time.monotonic()
    seeds = [options.seed + number for number in range(options.workers)]
    share = options.histories // options.workers
    with ProcessPoolExecutor(options.workers) as pool:
        played = [pool.submit(play, one, share, options.steps, options.shrink) for one in seeds]
        found = dict(zip(seeds, (future.result() for future in played), strict=True))
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
