"""Writes anew what is generated and kept: `python -m tests.golden.regenerate`. Read what changed before you commit it.

These are the report of the sample, the golden weeks with what a tracker says of them, and `docs/report.md`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from syncer.report import build_report
from syncer.report.evaluate import evaluate
from tests.docs import report as report_page
from tests.golden.weeks.evaluation import FOLDER, collected, rendered
from tests.golden.weeks.scenarios import SCENARIOS
from tests.unit.report.sample import NOW, WINDOW, collaboration

REPORT = Path(__file__).parent / "report"
SAMPLE = ("week.en.txt", "week.zh.txt", "week.en.md", "week.zh.md", "week.json", "week.csv")
"""The files of the sample; JSON and CSV are the same in every language."""

_FORMS = {".txt": "text", ".md": "markdown", ".json": "json", ".csv": "csv"}


def main() -> None:
    """All of it, one line each."""
    for name in SAMPLE:
        (REPORT / name).write_bytes(sample(name).encode("utf-8"))
    print("report", len(SAMPLE), "files")
    for name in SCENARIOS:
        print(name, _week(name), "figures")
    report_page.PAGE.write_text(report_page.page(), "utf-8")
    print(report_page.PAGE.name)


def sample(name: str) -> str:
    """The text of a file of the sample."""
    language = "zh" if ".zh." in name else "en"
    text: str = getattr(
        build_report(evaluate(collaboration(), WINDOW, NOW), language=language), _FORMS[Path(name).suffix]
    )
    return text


def _week(name: str) -> int:
    """The tracker's JSON of a scenario, and what the report makes of it; how many figures that has."""
    folder = FOLDER / name
    folder.mkdir(exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False, sort_keys=True) for record in SCENARIOS[name]())
    tracker = folder / "tracker.jsonl"
    tracker.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        _, evaluation = collected(tracker, Path(scratch))
    for file, text in rendered(evaluation).items():
        (folder / file).write_bytes(text.encode("utf-8"))
    return len(evaluation.metrics)


if __name__ == "__main__":
    main()
