"""Inputs that name one object by one of its keys."""

import strawberry
from strawberry import UNSET, field

from schema.ids import IdCipher
from schema.node import local_id_in


@strawberry.input(one_of=True, description="One citizen. Set one of the fields.")
class CitizenKeyInput:
    id: strawberry.ID | None = field(default=UNSET, description="Id of the citizen.")
    member_identifier: str | None = field(
        default=UNSET, description="Family ID and member number, for example 7KNL042101."
    )

    def __hash__(self) -> int:
        return hash((self.id, self.member_identifier))

    def number(self, ids: IdCipher) -> str:
        """Return the Family ID and member number.

        Raises:
            HubError: `BAD_USER_INPUT`, `id` is not the id of a citizen.
        """
        if isinstance(self.member_identifier, str):
            return self.member_identifier
        return local_id_in(ids, "Citizen", self.id or "")


@strawberry.input(one_of=True, description="One family. Set one of the fields.")
class FamilyKeyInput:
    id: strawberry.ID | None = field(default=UNSET, description="Id of the family.")
    family_identifier: str | None = field(
        default=UNSET, description="Family ID, for example 7KNL0421."
    )

    def __hash__(self) -> int:
        return hash((self.id, self.family_identifier))

    def number(self, ids: IdCipher) -> str:
        """Return the Family ID.

        Raises:
            HubError: `BAD_USER_INPUT`, `id` is not the id of a family.
        """
        if isinstance(self.family_identifier, str):
            return self.family_identifier
        return local_id_in(ids, "Family", self.id or "")


@strawberry.input(one_of=True, description="One department. Set one of the fields.")
class DepartmentKeyInput:
    id: strawberry.ID | None = field(default=UNSET, description="Id of the department.")
    identifier: str | None = field(
        default=UNSET, description="Its short name, for example pensions."
    )

    def name(self, ids: IdCipher) -> str:
        """Return the identifier.

        Raises:
            HubError: `BAD_USER_INPUT`, `id` is not the id of a department.
        """
        if isinstance(self.identifier, str):
            return self.identifier
        return local_id_in(ids, "Department", self.id or "")
