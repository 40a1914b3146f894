"""The adapter contract, checked with the recorded samples of all departments."""

from adapters.manifest import find_departments
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.contract_tests.suite import *  # noqa: F403

DEPARTMENTS_UNDER_TEST = find_departments()


def test_a_department_has_samples(subject: Subject) -> None:
    assert subject.samples
