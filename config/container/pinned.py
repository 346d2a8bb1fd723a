"""Prints those pins of requirements.txt, with their hashes, that an installation needs: pinned.py REPORT REQUIREMENTS.

REPORT is what `pip install --dry-run --report` wrote. A package that has no pin ends it with 1.
"""

import json
import re
import sys
from pathlib import Path


def main() -> int:
    """Prints the pins; says what lacks one."""
    report, requirements = (Path(name).read_text("utf-8") for name in sys.argv[1:3])
    needed = {_normal(entry["metadata"]["name"]) for entry in json.loads(report)["install"]} - {"tracker-syncer"}
    pins = dict(re.findall(r"^(?=([a-z0-9-]+)==)(.+?(?:\\\n.+?)*)$", requirements, re.MULTILINE))
    for name in sorted(needed & pins.keys()):
        sys.stdout.write(f"{pins[name]}\n")
    if missing := sorted(needed - pins.keys()):
        sys.stderr.write(f"no pin in requirements.txt: {', '.join(missing)}\n")
    return 1 if missing else 0


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
