"""Runs a command until its own standard input ends: `python leash.py COMMAND...`.

Whoever holds the other end of the pipe may die in any way, and the command ends with it.
"""

from __future__ import annotations

import subprocess
import sys
import threading


def main() -> None:
    """Runs the command; ends it, and then itself."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def until_let_go() -> None:
        sys.stdin.read()
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()

    threading.Thread(target=until_let_go, daemon=True).start()
    raise SystemExit(process.wait())


if __name__ == "__main__":
    main()
