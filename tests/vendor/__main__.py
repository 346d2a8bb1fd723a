"""Prints the register: `python -m tests.vendor`."""

from __future__ import annotations

from tests.vendor.register import REGISTER, lines

if __name__ == "__main__":
    print("\n".join(lines(REGISTER)))
