"""Metrics in the Prometheus text format."""

from hub.observe.metrics import AdmissionMetrics, DepartmentMetrics, Metrics

__all__ = ["AdmissionMetrics", "DepartmentMetrics", "Metrics"]
