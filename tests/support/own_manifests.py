"""The manifests of the hub's own departments, loaded once for all tests of a process."""

from adapters.manifest import find_departments, load_departments

MANIFESTS = load_departments(find_departments())
