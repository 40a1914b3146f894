"""Searches of the service catalogue: filters, pages of services, and facets."""

from collections.abc import Callable
from dataclasses import dataclass

import strawberry
from strawberry import field

from schema.connections import Connection
from schema.department import Department
from schema.labels import label_field
from schema.language import Text, text_field
from schema.service import Audience, LifeEvent, Service


@dataclass(frozen=True, slots=True)
class ServiceCriteria:
    """What services must match. None matches all.

    Attributes:
        search: words to search for.
        department: identifier of the department.
        group: English name of the group.
        online: whether citizens can apply online.
    """

    search: str | None = None
    department: str | None = None
    group: str | None = None
    audience: Audience | None = None
    life_event: LifeEvent | None = None
    online: bool | None = None


@strawberry.type(description="Number of services in one group.")
class GroupFacet:
    text: strawberry.Private[Text]
    count: int = field(description="Number of services.")
    label: str = text_field("text", description="Name of the group.")

    @strawberry.field(description="The value for the argument `group`: the name in English.")
    def group(self) -> str:
        return self.text.en


@strawberry.type(description="Number of services of one department.")
class DepartmentFacet:
    department: Department = field(description="The department.")
    count: int = field(description="Number of services.")


@strawberry.type(description="Number of services for one group of people.")
class AudienceFacet:
    audience: Audience = field(description="The group of people.")
    count: int = field(description="Number of services.")
    audience_label: str = label_field("audience", description="Label of the group of people.")


@strawberry.type(description="Number of services for one event in life.")
class LifeEventFacet:
    life_event: LifeEvent = field(description="The event.")
    count: int = field(description="Number of services.")
    life_event_label: str = label_field("life_event", description="Label of the event.")


@strawberry.type(
    description="How many services of a search there are by group, department, audience and life "
    "event. Each list counts the services that match the search and all filters but its own. "
    "The largest numbers come first; values without services are left out."
)
class ServiceFacets:
    groups: list[GroupFacet] = field(description="By group.")
    departments: list[DepartmentFacet] = field(description="By department.")
    audiences: list[AudienceFacet] = field(description="By group of people.")
    life_events: list[LifeEventFacet] = field(description="By life event.")


@strawberry.type(
    description="One page of services. With `search`, the best matches come first; otherwise, they "
    "are in the order of the catalogue."
)
class ServiceConnection(Connection[Service]):
    count_facets: strawberry.Private[Callable[[], ServiceFacets]]

    @strawberry.field(description="Numbers of services for narrowing the search.")
    def facets(self) -> ServiceFacets:
        return self.count_facets()
