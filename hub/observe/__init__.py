"""Metrics in the Prometheus text format."""

from hub.observe.admission import AdmissionMetrics
from hub.observe.departments import DepartmentMetrics
from hub.observe.metrics import Metrics

__all__ = ["AdmissionMetrics", "DepartmentMetrics", "Metrics"]
