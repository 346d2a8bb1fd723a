"""Whether what was forecast came true."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.report.calibration import calibration, calibration_metric
from syncer.report.evaluation import Metric
from syncer.report.moment import Moment


def metrics(moment: Moment) -> Iterator[Metric]:
    """`forecast_calibration`."""
    yield calibration_metric(calibration(moment))
