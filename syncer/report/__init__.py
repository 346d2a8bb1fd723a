"""The weekly evaluation: collect (from the store) -> evaluate (pure) -> render (pure) -> `syncer.publish`.

What draws and counts is imported when it is first asked for: a sync reads values as the report does, and must not need
the libraries of the extra `report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncer.report.model.collaboration import Reader
from syncer.report.model.window import Window

if TYPE_CHECKING:
    from syncer.report.build import (
        Report,
        build_report,
        evaluate_week,
        log_forecasts,
        plan_of,
        report_of_week,
        responsibility_table,
    )

__all__ = [
    "Reader",
    "Report",
    "Window",
    "build_report",
    "evaluate_week",
    "log_forecasts",
    "plan_of",
    "report_of_week",
    "responsibility_table",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from syncer.report import build

    return getattr(build, name)
