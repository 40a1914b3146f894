"""Metrics in the Prometheus text format."""

from hub.observe.consents import ConsentMetrics
from hub.observe.metrics import AccessLogMetrics, AdmissionMetrics, DepartmentMetrics, Metrics
from hub.observe.submissions import SubmissionMetrics

__all__ = [
    "AccessLogMetrics",
    "AdmissionMetrics",
    "ConsentMetrics",
    "DepartmentMetrics",
    "Metrics",
    "SubmissionMetrics",
]
