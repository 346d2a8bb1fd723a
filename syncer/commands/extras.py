"""The extras of the package: which modules come with each, and what to say where a command needs one that is absent."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from importlib.util import find_spec

EXTRAS: Mapping[str, frozenset[str]] = {
    "report": frozenset({"babel", "css_inline", "icalendar", "jinja2", "numpy", "openpyxl"}),
    "postgresql": frozenset({"psycopg"}),
    "cluster": frozenset({"procrastinate", "psycopg"}),
    "notify": frozenset({"apprise"}),
    "hooks": frozenset({"uvicorn"}),
    "sandbox": frozenset({"starlette", "uvicorn"}),
}
"""Extra -> the modules that only it installs. `pyproject.toml` lists the distributions; a test compares the two."""


def lacking(*wanted: str) -> tuple[str, ...]:
    """Those of the extras that are not installed as a whole, in the order of `EXTRAS`."""
    return tuple(name for name in EXTRAS if name in wanted and not all(map(_installed, EXTRAS[name])))


def extra_of(error: ModuleNotFoundError) -> str | None:
    """The extra that would have installed the module an import did not find; None where no extra has it."""
    module = (error.name or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if module in modules), None)


def lines_for(*extras: str) -> tuple[str, ...]:
    """What is missing, and the line that installs it into the Python that runs."""
    what = f"the extra {extras[0]}, which is" if len(extras) == 1 else f"the extras {' and '.join(extras)}, which are"
    return (f"This command needs {what} not installed.", f"Install: {install(*extras)}")


def install(*extras: str) -> str:
    """The line for a shell that installs extras into the Python that runs."""
    return shlex.join([sys.executable, "-m", "pip", "install", f"tracker-syncer[{','.join(extras)}]"])


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
