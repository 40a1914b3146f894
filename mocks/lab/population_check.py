"""Compares the hub's responses with the population that the mock departments were seeded with."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import httpx
from rich.progress import track

from mocks.lab.console import err
from mocks.lab.hub_client import document_named, query_hub
from mocks.lab.sign_in import Tokens

SAMPLE = 40
LISTS = {
    "applications": "applicationReferenceNumber",
    "benefits": "benefitNumber",
    "certificates": "certificateNumber",
    "grievances": "registrationNumber",
}
"""Each list of a citizen, and the field that identifies its rows."""
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
    hub_url: str, population_url: str, sample: int = SAMPLE, tokens: Tokens | None = None
) -> list[str]:
    """Compare the hub's responses about some citizens with the population.

    Args:
        hub_url: GraphQL URL of the hub.
        population_url: URL of the mock `population`.
        sample: number of citizens.
        tokens: signs each citizen in; None where everybody may read everything.

    Returns:
        One sentence for each difference.

    Raises:
        LabError: if the hub does not respond.
    """
    document = document_named("everything")
    with httpx.Client(base_url=population_url, trust_env=False) as population:
        members = population.get("/population/sample", params={"n": sample}).json()["memberIds"]
        differences: list[str] = []
        served = _departments_of(hub_url)
        for member in track(members, "Comparing with the population", console=err, transient=True):
            expected = population.get(f"/population/citizens/{member}").json()
            token = tokens.of(f"citizen:{member}") if tokens is not None else None
            response = query_hub(hub_url, document, {"id": member}, token=token)
            for name in LISTS:
                expected[name] = [row for row in expected[name] if row["department"] in served]
            differences += [f"{member}: {each}" for each in differences_of(expected, response)]
    return differences


def _departments_of(hub_url: str) -> set[str]:
    response = query_hub(hub_url, "{ departments { identifier } }")
    return {each["identifier"] for each in response["data"]["departments"]}


def differences_of(expected: dict[str, Any], response: dict[str, Any]) -> list[str]:
    """Compare a citizen of the population with the hub's response about this citizen.

    Args:
        expected: the citizen, as the mock `population` describes it.
        response: the response to `everything.graphql`.

    Returns:
        One sentence for each difference.
    """
    found = [f"error {error['message']}" for error in response.get("errors", ())]
    citizen = (response.get("data") or {}).get("citizen")
    if citizen is None:
        return [*found, "the citizen is missing"]
    found += _compare("citizen", _person(expected), _received_person(citizen))
    for name, number in LISTS.items():
        rows = {row[number]: row for row in map(flat_row, citizen[name]["nodes"])}
        wanted = {row[number]: row for row in map(expected_row, expected[name])}
        found += [f"{name}: {each} is missing" for each in wanted.keys() - rows.keys()]
        found += [f"{name}: {each} is invented" for each in rows.keys() - wanted.keys()]
        if len(citizen[name]["nodes"]) != len(rows):
            found.append(f"{name}: a row is duplicated")
        for key in wanted.keys() & rows.keys():
            found += _compare(f"{name} {key}", wanted[key], rows[key])
    return found


def differences_in_queried(where: str, expected: Any, received: Any) -> list[str]:
    """Return one sentence for each received value that differs. Ignore fields not received.

    Args:
        where: what is compared, for the sentences.
        expected: the value in the population.
        received: the value in the hub's response.
    """
    return list(_compare(where, _only_received(expected, received), received))


def _only_received(expected: Any, received: Any) -> Any:
    if isinstance(expected, dict) and isinstance(received, dict):
        return {
            key: _only_received(value, received[key])
            for key, value in expected.items()
            if key in received
        }
    both_lists = isinstance(expected, list) and isinstance(received, list)
    if both_lists and len(expected) == len(received):
        return [_only_received(*pair) for pair in zip(expected, received, strict=True)]
    return expected


def _compare(where: str, expected: Any, received: Any) -> Iterable[str]:
    """Yield one sentence for each scalar that differs."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for key, value in expected.items():
            yield from _compare(f"{where} {key}", value, received.get(key))
    elif isinstance(expected, list) and isinstance(received, list):
        if len(expected) != len(received):
            yield f"{where}: {len(received)} entries, not {len(expected)}"
        for index, (one, other) in enumerate(zip(expected, received, strict=False)):
            yield from _compare(f"{where} {index}", one, other)
    elif _instant(expected) != _instant(received):
        yield f"{where} is {received!r}, not {expected!r}"


def _instant(value: Any) -> Any:
    """Return a datetime for an ISO 8601 string, so that different UTC offsets compare equal."""
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        return dt.datetime.fromisoformat(value)
    return value


def _person(expected: dict[str, Any]) -> dict[str, Any]:
    return {key: expected[key] for key in ("personName", "personNameLocal", *PERSON)}


def _received_person(citizen: dict[str, Any]) -> dict[str, Any]:
    local = _devanagari(citizen["personNameLocal"])
    names = {
        "personName": (citizen["personName"] or {}).get("fullName"),
        "personNameLocal": local and local["fullName"],
    }
    return {**names, **{key: citizen[key] for key in PERSON}}


def flat_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the hub in the form of the population.

    `department` is its identifier. A due date that the hub computed from the catalogue is left out.
    """
    flat: dict[str, Any] = _plain_texts(row)
    if flat.get("department"):
        flat["department"] = flat["department"]["identifier"]
    if flat.pop("dueDateSource", None) == "CATALOGUE":
        flat["dueDate"] = None
    if "holderNameLocal" in flat:
        flat["holderNameLocal"] = _devanagari(flat["holderNameLocal"])
    return flat


def _plain_texts(value: Any) -> Any:
    """Replace each `DepartmentText` by its text."""
    if isinstance(value, list):
        return [_plain_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() in ({"text"}, {"text", "language"}):
        return value["text"]
    return {key: _plain_texts(each) for key, each in value.items()}


def _devanagari(name: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a name that was requested in Hindi; None if only the Latin one is recorded."""
    return None if name is None or name["script"] == "LATIN" else name


def expected_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the population with the hub's field names."""
    renamed = dict(row)
    if "benefitId" in renamed:
        renamed["benefitNumber"] = renamed.pop("benefitId")
        renamed["benefitFrequency"] = renamed.pop("frequency")
        renamed["benefitValue"] = _money(renamed["benefitValue"])
        renamed["payments"] = [
            {**payment, "amount": _money(payment["amount"])} for payment in renamed["payments"]
        ]
        name = renamed["holderNameLocal"]
        renamed["holderNameLocal"] = name and {"fullName": name, "script": "DEVANAGARI"}
    return renamed


def _money(amount: dict[str, Any]) -> dict[str, Any]:
    return {"amount": amount["amountPaise"], "currencyCode": amount["currency"]}
