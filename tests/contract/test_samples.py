"""What every adapter must do (`adapters.workbench.contract_tests.suite`), over the recorded replies of all."""

from adapters.manifest import find_departments
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.contract_tests.suite import *  # noqa: F403

DEPARTMENTS_UNDER_TEST = find_departments()


def test_a_department_has_samples(subject: Subject) -> None:
    assert subject.samples
