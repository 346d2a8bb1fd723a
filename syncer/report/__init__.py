"""The weekly evaluation: collect (from the store) -> evaluate (pure) -> render (pure) -> deliver (files, mail)."""

from syncer.report.build import Report, edition, evaluated, log_forecasts, planned, surveyed, weekly
from syncer.report.model.collaboration import Reader
from syncer.report.model.window import Window

__all__ = ["Reader", "Report", "Window", "edition", "evaluated", "log_forecasts", "planned", "surveyed", "weekly"]
