"""Every bar of speed, one after the other: `python -m tests.bench.bench_speed [--only pass]`.

Each part is a process of its own, so that none pays for the memory or the imports of another. Ends with 1 where one of
them misses a bar.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

PARTS = {
    "fair": "people's work beside a backfill, and how much of the limits a backfill uses",
    "pass": "one pass over many pairs, a dead tracker, and a process with nothing to do",
    "state": "what the state keeps, how fast it is read and written, and memory",
}


def main() -> None:
    """Runs the parts and prints their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), action="append")
    missed = []
    for name in parser.parse_args().only or PARTS:
        print(f"\n{name}: {PARTS[name]}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.bench_{name}"], check=False).returncode:
            missed.append(name)
    if missed:
        raise SystemExit(f"bars are missed in: {', '.join(missed)}")


if __name__ == "__main__":
    main()
