"""The weekly evaluation: collect (from the store) -> evaluate (pure) -> render (pure). `syncer.publish` takes it on."""

from syncer.report.build import (
    Report,
    build_report,
    evaluate_week,
    log_forecasts,
    plan_of,
    report_of_week,
    responsibility_table,
)
from syncer.report.model.collaboration import Reader
from syncer.report.model.window import Window

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
