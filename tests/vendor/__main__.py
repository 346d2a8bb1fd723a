"""Prints the register: `python -m tests.vendor`. With `--operations` it writes `operations.txt` anew."""

from __future__ import annotations

import sys

from tests.vendor.operations import TABLE, missing, rows, used
from tests.vendor.register import REGISTER, lines


def main() -> str:
    """What is printed. Raises SystemExit where it cannot be told."""
    if sys.argv[1:] != ["--operations"]:
        return "\n".join(lines(REGISTER))
    if reason := missing():
        raise SystemExit(reason)
    TABLE.write_text("".join(f"{row}\n" for row in rows(used())), "utf-8")
    return f"{TABLE.name} is written"


if __name__ == "__main__":
    print(main())
