"""What every adapter must do (`adapters.testing.suite`), over the recorded replies of all."""

from adapters.manifest import find_departments
from adapters.testing.subjects import Subject
from adapters.testing.suite import *  # noqa: F403

DEPARTMENTS_UNDER_TEST = find_departments()


def test_a_department_has_samples(subject: Subject) -> None:
    assert subject.samples
