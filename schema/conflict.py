"""Conflicts: details of a person on which departments disagree."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.batch import BatchOf, Info, reads
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.labels import label_field
from schema.personal import FieldClass
from schema.provenance import SourceStatus

if TYPE_CHECKING:
    from schema.citizen import Citizen


@strawberry.enum(description="A detail of a person that several departments record.")
class PersonDetail(DescribedEnum):
    NAME = described("Name. Script, spelling, word order and honorifics are ignored.")
    BIRTH_DATE = described("Date of birth.")
    LIFE_STATUS = described("Whether the person is alive: ALIVE or DECEASED.")
    GUARDIAN_NAME = described("Name of the father or husband, compared like a name.")
    DISTRICT = described("District of the home address.")


CLASS_OF_DETAIL = {
    PersonDetail.NAME: FieldClass.NAME,
    PersonDetail.BIRTH_DATE: FieldClass.BIRTH_DATE,
    PersonDetail.LIFE_STATUS: FieldClass.LIFE_STATUS,
    PersonDetail.GUARDIAN_NAME: FieldClass.NAME,
    PersonDetail.DISTRICT: FieldClass.DISTRICT,
}
"""The class of personal data that each detail belongs to."""


@strawberry.type(description="One department's value of a detail.")
class ConflictingValue:
    CLASSES: ClassVar = {"value": tuple(dict.fromkeys(CLASS_OF_DETAIL.values()))}
    NOT_PERSONAL: ClassVar = frozenset({"department_identifier", "source_field", "as_of", "score"})

    department_identifier: strawberry.Private[str]
    value: str = field(description="The value in the department's record.")
    source_field: str = field(
        description="The field that holds the value, for example Application.applicantName."
    )
    as_of: dt.datetime = field(description="The time at which the value was current.")
    score: int = field(
        description="How well the value agrees with the other values on average, from 0 to 100."
    )

    @strawberry.field(
        description="The department that has the value.", metadata=reads("department_identifier")
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(
    description="A detail of a person on which departments disagree. The hub does not decide which "
    "value is right."
)
class Conflict:
    # The class of the whole conflict is that of its detail.
    CLASS_BY: ClassVar = ("detail", CLASS_OF_DETAIL)
    NOT_PERSONAL: ClassVar = frozenset({"detail", "score", "values"})

    detail: PersonDetail = field(description="The detail on which departments disagree.")
    detail_label: str = label_field("detail", description="Label of the detail.")
    score: int = field(
        description="How well the two most different values agree, from 0 to 100. Names and "
        "districts conflict below 85, other details below 100."
    )
    values: list[ConflictingValue] = field(
        description="The values of all departments that were compared, also of those that agree."
    )


@strawberry.type(description="The details of a person on which departments disagree.")
class ConflictList:
    NOT_PERSONAL: ClassVar = frozenset({"nodes", "sources", "is_complete"})

    nodes: list[Conflict] = field(
        description="The conflicts. Empty if the departments agree, or if only one was read."
    )
    sources: list[SourceStatus] = field(
        description="The state of each department with records of the person that the operation "
        "reads."
    )
    is_complete: bool = field(
        description="True if every department in `sources` answered whole, now or in the copy that "
        "is shown (STALE). If false, there can be further conflicts."
    )


async def load_conflicts(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    departments: Annotated[
        list[strawberry.ID] | None,
        strawberry.argument(
            description="Also read the person's applications, benefits and certificates at these "
            "departments. If null, compare only records that the operation reads anyway."
        ),
    ] = None,
) -> BatchOf[ConflictList | None]:
    catalogue = info.context.sources.catalogue
    named = [catalogue.department_identifier(each) for each in departments or ()]
    return await info.context.sources.conflicts.by_citizen(
        parents, departments=[each for each in named if each is not None]
    )
