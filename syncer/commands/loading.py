"""What a command needs is imported and opened without Python's collector of cycles.

It would look through everything that an import makes, again and again, and find nothing: a fifteenth of what a run with
nothing to do takes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nothing is collected meanwhile, and what was made is never looked through: once a process, before its work."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.freeze()
            gc.enable()
