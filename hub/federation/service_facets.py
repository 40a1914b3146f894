"""Filters the services of a search, and counts them by group, department, audience and event."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from schema.department import Department
from schema.language import Text
from schema.service import Service
from schema.service_search import (
    AudienceFacet,
    DepartmentFacet,
    GroupFacet,
    LifeEventFacet,
    ServiceCriteria,
    ServiceFacets,
)

T = TypeVar("T", bound=Hashable)


def matches(service: Service, criteria: ServiceCriteria) -> bool:
    """Return whether a service matches all criteria but the search."""
    group = service.group_text
    return (
        criteria.department in (None, service.department_identifier)
        and (criteria.group is None or (group is not None and group.en == criteria.group))
        and (criteria.audience is None or criteria.audience in service.audience)
        and (criteria.life_event is None or criteria.life_event in service.life_events)
        and criteria.online in (None, service.is_online)
    )


def facets_of(
    found: Sequence[Service], criteria: ServiceCriteria, departments: Mapping[str, Department]
) -> ServiceFacets:
    """Return the facets of a search.

    Args:
        found: the services that match the search, before the filters.
        departments: departments by identifier.
    """

    def count(values: Callable[[Service], Iterable[T]], **without: None) -> list[tuple[T, int]]:
        others = replace(criteria, **without)
        counted = Counter(
            value for service in found if matches(service, others) for value in values(service)
        )
        return counted.most_common()

    names: dict[str, Text] = {}
    for service in found:
        if service.group_text is not None:
            names.setdefault(service.group_text.en, service.group_text)
    groups = count(lambda each: [each.group_text.en] if each.group_text else [], group=None)
    return ServiceFacets(
        groups=[GroupFacet(text=names[name], count=number) for name, number in groups],
        departments=[
            DepartmentFacet(department=departments[identifier], count=number)
            for identifier, number in count(
                lambda each: [each.department_identifier], department=None
            )
        ],
        audiences=[
            AudienceFacet(audience=audience, count=number)
            for audience, number in count(lambda each: each.audience, audience=None)
        ],
        life_events=[
            LifeEventFacet(life_event=event, count=number)
            for event, number in count(lambda each: each.life_events, life_event=None)
        ],
    )
