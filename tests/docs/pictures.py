"""Draws the pictures of the README anew: `python -m tests.docs.pictures`.

The demonstration makes the pages, a Chromium on the PATH photographs them. Chinese needs a font that has it (Debian:
`chromium fonts-wqy-zenhei`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"

PICTURES: Mapping[str, tuple[int, int]] = {"report": (960, 737), "sides": (960, 925)}
"""Page of the demonstration -> width and height of what is shown of it, in pixels."""


def chromium() -> str:
    """The browser. Raises SystemExit where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise SystemExit("no Chromium on the PATH (Debian: apt-get install chromium fonts-wqy-zenhei)")
    return found


def photograph(browser: str, page: Path, picture: Path, width: int, height: int) -> None:
    """Writes a PNG of the top of a page."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={width},{height}",
            f"--screenshot={picture}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Runs the demonstration and draws what it leaves."""
    browser = chromium()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        demo = Path(scratch) / "demo"
        subprocess.run([sys.executable, "-m", "syncer", "demo", "--dir", str(demo)], check=True, capture_output=True)
        for name, (width, height) in PICTURES.items():
            photograph(browser, demo / f"{name}.html", FOLDER / f"{name}.png", width, height)


if __name__ == "__main__":
    main()
