"""`python -m tests.witness [arguments of pytest]`: installs the witnesses once, then runs what is tried against them.

Ends with pytest's exit code; with 0 and the reason where they cannot be installed.
"""

from __future__ import annotations

import sys

import pytest

from tests.witness.installing import HERE, NotInstalledError, installed


def main() -> int:
    """Installs and runs."""
    try:
        print(f"witnesses in {installed()}", flush=True)
    except NotInstalledError as error:
        print(f"skipped: the witnesses cannot be installed: {error}")
        return 0
    modules = [str(HERE / name) for name in ("emulated_github.py", "jira820_site.py")]
    return int(pytest.main([*modules, "-n", "2", "--durations=3", *sys.argv[1:]]))


if __name__ == "__main__":
    raise SystemExit(main())
