"""Prints the register: `python -m tests.vendor`. With `--operations` or `--facts` it writes that table anew."""

from __future__ import annotations

import sys

from tests.vendor import facts, operations
from tests.vendor.register import REGISTER, lines


def main() -> str:
    """What is printed. Raises SystemExit where it cannot be told."""
    match sys.argv[1:]:
        case ["--operations"]:
            table, text = operations.TABLE, lambda: "".join(f"{row}\n" for row in operations.rows(operations.used()))
        case ["--facts"]:
            table, text = facts.TABLE, lambda: facts.text(facts.derived(operations.used()))
        case _:
            return "\n".join(lines(REGISTER))
    if reason := facts.missing():
        raise SystemExit(reason)
    table.write_text(text(), "utf-8")
    return f"{table.name} is written"


if __name__ == "__main__":
    print(main())
