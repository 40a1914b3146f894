"""Reads and validates manifests.

`load_department(folder)` returns a `Manifest`, or raises one error that lists every problem.
"""

from adapters.manifest.loader import find_departments, load_department, load_departments
from adapters.manifest.model import Manifest
from adapters.manifest.problems import ManifestError, Problem

__all__ = [
    "Manifest",
    "ManifestError",
    "Problem",
    "find_departments",
    "load_department",
    "load_departments",
]
