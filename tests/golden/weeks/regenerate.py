"""Writes the golden weeks anew: `python -m tests.golden.weeks.regenerate`. Read what changed before you commit it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.golden.weeks.evaluation import FOLDER, collected, rendered
from tests.golden.weeks.scenarios import SCENARIOS


def main() -> None:
    """The tracker's JSON of each scenario, and what the report makes of it."""
    for name, records in SCENARIOS.items():
        folder = FOLDER / name
        folder.mkdir(exist_ok=True)
        lines = (json.dumps(record, ensure_ascii=False, sort_keys=True) for record in records())
        tracker = folder / "tracker.jsonl"
        tracker.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with tempfile.TemporaryDirectory() as scratch:
            _, evaluation = collected(tracker, Path(scratch))
        for file, text in rendered(evaluation).items():
            (folder / file).write_bytes(text.encode("utf-8"))
        print(name, len(evaluation.metrics), "figures")


if __name__ == "__main__":
    main()
