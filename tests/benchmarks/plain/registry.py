"""The registry."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.benchmarks.plain.types import Address, Citizen, PersonName


class Registry:
    """Reads citizens in batches."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def citizens(self, identifiers: Sequence[str]) -> list[Citizen | None]:
        """Return the citizen of each `SCHEME:number`, in the same order; None if unknown."""
        response = await self._client.post(
            f"{self._url}/citizens/batch", json={"identifiers": list(identifiers)}
        )
        response.raise_for_status()
        found = {each["requested"]: each["citizen"] for each in response.json()["results"]}
        return [
            _citizen(entry) if (entry := found.get(identifier)) else None
            for identifier in identifiers
        ]


def _citizen(entry: Mapping[str, Any]) -> Citizen:
    address = entry["address"]
    return Citizen(
        member_identifier=entry["memberId"],
        links={link["scheme"]: link["value"] for link in entry["links"]},
        latin_name=PersonName(full_name=" ".join(entry["nameEn"].split())),
        local_name=PersonName(full_name=" ".join(entry["nameHi"].split())),
        birth_date=dt.date.fromisoformat(entry["dob"]),
        phone_number=entry["mobile"],
        email=entry["email"],
        home_address=Address(
            address_line1=address["house"],
            locality=address["village"],
            sub_region_name=address["district"],
            postal_code=address["pin"],
        ),
    )
