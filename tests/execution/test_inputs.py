"""Arguments of root fields: keys, scalars, and the reach of a wrong argument."""

import datetime as dt
from typing import Any

import orjson
import pytest
from graphql import is_non_null_type, is_scalar_type

from hub.execution import Executor
from hub.execution.executor import GraphQLRequest
from schema.family import Family
from schema.scalars import MOST_PAISE, Paise
from schema.service import Money
from tests.execution.fake_sources import FakeFamilies, new_context
from tests.support.graphql_schema import SCHEMA
from tests.support.ids import global_id

EXECUTOR = Executor(SCHEMA)
GOOD = 'good: service(code: "SJE-OAS") { code }'
WRONG_ID = 'id: "7KNL042101"'
BAD_ROOTS = [
    f"citizen(by: {{{WRONG_ID}}}) {{ id }}",
    f"family(by: {{{WRONG_ID}}}) {{ id }}",
    f"department(by: {{{WRONG_ID}}}) {{ id }}",
    'application(reference: "?") { id }',
    'grievance(registrationNumber: "?") { id }',
    'trackApplication(reference: "?", phoneLast4: "?") { __typename }',
    "applications(filter: {}, first: 0) { totalCount }",
    'services(department: "nowhere") { totalCount }',
    'services(after: "?") { totalCount }',
    "serviceCentres(first: 0) { totalCount }",
    'service(code: "?") { code }',
    f"accessLog(citizen: {{{WRONG_ID}}}) {{ nodes {{ role }} }}",
    'node(id: "?") { id }',
    f"nodes(ids: {['?'] * 101}) {{ id }}".replace("'", '"'),
]


async def both(document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the response to an operation, which must be equal on both executors."""
    request = GraphQLRequest(document, variables)
    planned = await EXECUTOR.execute(request, new_context())
    reference = await EXECUTOR.execute_with_graphql_core(request, new_context())
    body, other = (orjson.loads(orjson.dumps(each.body)) for each in (planned, reference))
    assert body.get("data") == other.get("data")
    assert [each["message"] for each in body.get("errors", ())] == [
        each["message"] for each in other.get("errors", ())
    ]
    assert isinstance(body, dict)
    return body


def test_every_root_field_is_nullable() -> None:
    query, mutation = SCHEMA._schema.query_type, SCHEMA._schema.mutation_type
    assert query
    assert mutation
    fields = query.fields | mutation.fields
    assert [name for name, each in fields.items() if is_non_null_type(each.type)] == []


@pytest.mark.parametrize("root", BAD_ROOTS)
async def test_a_wrong_argument_makes_only_its_own_field_null(root: str) -> None:
    body = await both(f"{{ bad: {root} {GOOD} }}")
    assert body["data"]["good"] == {"code": "SJE-OAS"}
    assert body["data"]["bad"] is None
    assert {error["path"][0] for error in body["errors"]} == {"bad"}


@pytest.mark.parametrize(
    ("name", "key", "wrong"),
    [
        ("citizen", ("memberIdentifier", "7KNL042101"), global_id("Family", "7KNL0421")),
        ("family", ("familyIdentifier", "7KNL0421"), global_id("Citizen", "7KNL042101")),
        ("department", ("identifier", "pensions"), global_id("Service", "SJE-OAS")),
    ],
)
async def test_one_object_has_two_keys(name: str, key: tuple[str, str], wrong: str) -> None:
    type_name = name.capitalize()
    document = f"query ($by: {type_name}KeyInput!) {{ {name}(by: $by) {{ id }} }}"
    expected = {"id": global_id(type_name, key[1])}
    assert (await both(document, {"by": dict([key])}))["data"][name] == expected
    assert (await both(document, {"by": expected}))["data"][name] == expected
    for refused in (wrong, key[1], expected["id"][:-1], ""):
        (error,) = (await both(document, {"by": {"id": refused}}))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert key[1] not in error["message"]


@pytest.mark.parametrize("by", [{}, {"id": None}, {"id": "a", "memberIdentifier": "b"}])
async def test_a_key_with_another_number_of_fields_is_refused(by: dict[str, Any]) -> None:
    document = "query ($by: CitizenKeyInput!) { citizen(by: $by) { id } }"
    (error,) = (await both(document, {"by": by}))["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_every_scalar_has_a_specification() -> None:
    own = [
        each
        for name, each in SCHEMA._schema.type_map.items()
        if is_scalar_type(each) and name not in ("String", "Int", "Float", "Boolean", "ID")
    ]
    assert {each.name for each in own} == {"Date", "DateTime", "Paise", "Upload"}
    for each in own:
        assert each.specified_by_url is not None
        assert each.description


@pytest.mark.parametrize("amount", [0, 2**31, -(2**31) - 1, 300_000_000_000, MOST_PAISE])
async def test_amounts_above_two_crore_are_exact(
    amount: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_family = FakeFamilies.by_identifier

    async def rich(self: FakeFamilies, keys: Any) -> Any:
        found = await of_family(self, keys)
        for each in found:
            assert isinstance(each, Family)
            each.annual_income = Money(amount=Paise(amount))
        return found

    monkeypatch.setattr(FakeFamilies, "by_identifier", rich)
    body = await both(
        '{ family(by: {familyIdentifier: "7KNL0421"}) { annualIncome { amount currencyCode } } }'
    )
    expected = {"amount": amount, "currencyCode": "INR"}
    assert body["data"]["family"]["annualIncome"] == expected


def test_an_amount_that_json_parsers_would_round_is_refused() -> None:
    paise = SCHEMA._schema.type_map["Paise"]
    for amount in (MOST_PAISE + 1, 1.5, True, "1"):
        with pytest.raises(Exception, match="Paise are an integer"):
            paise.coerce_output_value(amount)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-25T06:00:00+05:30", dt.timedelta(hours=5, minutes=30)),
        ("2026-11-25t00:30:00.5z", dt.timedelta(0)),
        ("2026-11-25T06:00:00", None),
        ("2026-11-25 06:00:00+05:30", None),
        ("2026-11-25", None),
        ("20261125T060000Z", None),
        ("2026-13-25T06:00:00Z", None),
        (1764028800, None),
    ],
)
def test_a_datetime_is_read_as_rfc_3339(written: object, read: dt.timedelta | None) -> None:
    parse = SCHEMA._schema.type_map["DateTime"].coerce_input_value  # type: ignore[attr-defined]
    if read is None:
        with pytest.raises(Exception, match="A DateTime has a time zone"):
            parse(written)
    else:
        assert parse(written).utcoffset() == read


@pytest.mark.parametrize("written", ["20261125", "2026-W48-3", "2026-02-30", "25/11/2026", 5])
def test_a_date_in_another_format_is_refused(written: object) -> None:
    parse = SCHEMA._schema.type_map["Date"].coerce_input_value  # type: ignore[attr-defined]
    assert parse("2026-11-25") == dt.date(2026, 11, 25)
    with pytest.raises(Exception, match="A Date is a day such as"):
        parse(written)
