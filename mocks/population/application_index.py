"""Finds the applications of one department by number."""

from collections.abc import Iterable

from mocks.population.records import Application


class ApplicationIndex:
    """The applications of one department.

    Args:
        applications: they keep this order for each owner.
    """

    def __init__(self, applications: Iterable[Application]) -> None:
        self._by_owner: dict[str, list[Application]] = {}
        self._by_reference: dict[str, Application] = {}
        for application in applications:
            self._by_owner.setdefault(application.owner, []).append(application)
            self._by_reference[application.reference] = application

    def of_owners(self, numbers: Iterable[str]) -> list[Application]:
        """Return all applications of the people with these department numbers."""
        return [each for number in numbers for each in self._by_owner.get(number, ())]

    def by_references(self, references: Iterable[str]) -> list[Application]:
        """Return the applications with these reference numbers, without unknown ones."""
        return [self._by_reference[each] for each in references if each in self._by_reference]

    def get(self, reference: str) -> Application | None:
        """Return the application with this reference number."""
        return self._by_reference.get(reference)
