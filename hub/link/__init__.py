"""The link to a department: every call of the hub to a department passes through it."""

from hub.link.department_link import DepartmentLink

__all__ = ["DepartmentLink"]
