"""What the hub tells of itself: metrics in Prometheus' text format."""

from hub.observe.departments import DepartmentMetrics
from hub.observe.front_door import FrontDoorMetrics
from hub.observe.metrics import Metrics

__all__ = ["DepartmentMetrics", "FrontDoorMetrics", "Metrics"]
