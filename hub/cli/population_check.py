"""Compares the hub's answers with the population that the mock departments were seeded with."""

import datetime as dt
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import httpx
from rich.console import Console
from rich.progress import track

from hub.cli.asking import ask

SAMPLE = 40
LISTS = {
    "applications": "applicationReferenceNumber",
    "benefits": "benefitNumber",
    "certificates": "number",
    "grievances": "registrationNumber",
}
HOLDERS = ("agencyResponsible", "department")
PERSON = (
    "sex",
    "birthDate",
    "deathDate",
    "maritalStatus",
    "phoneNumber",
    "guardianName",
    "guardianRelation",
)


def check_population(
    hub_url: str, population_url: str, err: Console, sample: int = SAMPLE
) -> list[str]:
    """One sentence per difference; none when sampled citizens are told as the oracle has them."""
    document = (files("hub.cli") / "queries" / "everything.graphql").read_text(encoding="utf-8")
    with httpx.Client(base_url=population_url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": sample}).json()["memberIds"]
        differences: list[str] = []
        served = _departments_of(hub_url)
        for member in track(members, "Comparing with the population", console=err, transient=True):
            expected = oracle.get(f"/population/citizens/{member}").json()
            response = ask(hub_url, document, {"id": member})
            for name in LISTS:
                expected[name] = [row for row in expected[name] if row["department"] in served]
            differences += [f"{member}: {each}" for each in differences_of(expected, response)]
    return differences


def _departments_of(hub_url: str) -> set[str]:
    response = ask(hub_url, "{ departments { identifier } }", {})
    return {each["identifier"] for each in response["data"]["departments"]}


def differences_of(expected: dict[str, Any], response: dict[str, Any]) -> list[str]:
    """What differs between the oracle's citizen and the hub's response."""
    found = [f"error {error['message']}" for error in response.get("errors", ())]
    citizen = (response.get("data") or {}).get("citizen")
    if citizen is None:
        return [*found, "no such citizen"]
    found += _compare("citizen", _person(expected), _answered_person(citizen))
    for name, number in LISTS.items():
        rows = {row[number]: row for row in map(row_as_told, citizen[name]["nodes"])}
        wanted = {row[number]: row for row in map(row_as_expected, expected[name])}
        found += [f"{name}: {each} is lost" for each in wanted.keys() - rows.keys()]
        found += [f"{name}: {each} is invented" for each in rows.keys() - wanted.keys()]
        if len(citizen[name]["nodes"]) != len(rows):
            found.append(f"{name}: a row is there twice")
        for key in wanted.keys() & rows.keys():
            found += _compare(f"{name} {key}", wanted[key], rows[key])
    return found


def differences_as_told(where: str, expected: Any, told: Any) -> list[str]:
    """One sentence per leaf that is told and differs; what was not asked for is no difference."""
    return list(_compare(where, _as_far_as_told(expected, told), told))


def _as_far_as_told(expected: Any, told: Any) -> Any:
    if isinstance(expected, dict) and isinstance(told, dict):
        return {
            key: _as_far_as_told(value, told[key]) for key, value in expected.items() if key in told
        }
    if isinstance(expected, list) and isinstance(told, list) and len(expected) == len(told):
        return [_as_far_as_told(one, other) for one, other in zip(expected, told, strict=True)]
    return expected


def _compare(where: str, expected: Any, answered: Any) -> Iterable[str]:
    """One sentence per leaf that differs."""
    if isinstance(expected, dict) and isinstance(answered, dict):
        for key, value in expected.items():
            yield from _compare(f"{where} {key}", value, answered.get(key))
    elif isinstance(expected, list) and isinstance(answered, list):
        if len(expected) != len(answered):
            yield f"{where}: {len(answered)} entries, not {len(expected)}"
        for place, (one, other) in enumerate(zip(expected, answered, strict=False)):
            yield from _compare(f"{where} {place}", one, other)
    elif _instant(expected) != _instant(answered):
        yield f"{where} is {answered!r}, not {expected!r}"


def _instant(value: Any) -> Any:
    """Instants compare by the moment, however their zone is written."""
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        return dt.datetime.fromisoformat(value)
    return value


def _person(expected: dict[str, Any]) -> dict[str, Any]:
    return {key: expected[key] for key in ("name", "nameLocal", *PERSON)}


def _answered_person(citizen: dict[str, Any]) -> dict[str, Any]:
    names = {key: (citizen[key] or {}).get("fullName") for key in ("name", "nameLocal")}
    return {**names, **{key: citizen[key] for key in PERSON}}


def row_as_told(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the hub with its department flat, as the oracle has it."""
    flat = {key: value for key, value in row.items() if key not in HOLDERS}
    holder = next((row[key] for key in HOLDERS if row.get(key)), None)
    return {**flat, "department": holder["identifier"] if holder else None}


def row_as_expected(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the oracle under the hub's field names."""
    renamed = dict(row)
    if "benefitId" in renamed:
        value = renamed.pop("benefitValue")
        renamed["benefitNumber"] = renamed.pop("benefitId")
        renamed["benefitFrequency"] = renamed.pop("frequency")
        renamed["benefitValue"] = {
            "amount": value["amountPaise"],
            "currencyCode": value["currency"],
        }
        name = renamed["holderNameLocal"]
        renamed["holderNameLocal"] = name and {"fullName": name, "script": "DEVANAGARI"}
    return renamed
