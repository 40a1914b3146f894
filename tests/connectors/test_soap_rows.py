"""Rows in every style of SOAP: many, Devanagari, empty, nil, missing, duplicate, wrong, extra."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.manifest import load_department
from schema.application import Application
from schema.status import ApplicationStatus
from tests.connectors import forest_department, rest_wires
from tests.connectors.soap_department import (
    SoapServer,
    always,
    applications,
    department,
    rows,
)
from tests.connectors.soap_flavours import FLAVOURS, Flavour, Row
from tests.support.servers import http_server

WITH_ELEMENTS = [name for name in FLAVOURS if name != "packed"]

ROW: dict[str, str | None] = {
    "Number": "N1",
    "Owner": "A1",
    "Status": "02",
    "Notes": "सत्यापन शेष है",
    "Applied": "03/11/2026",
    "Changed": "2026-11-04T10:20:30+05:30",
    "Name": "राम देवी",
}


class Sender:
    """Let the server send rows, and return what the adapter reads."""

    def __init__(self, flavour: Flavour, server: SoapServer, folder: Path) -> None:
        self._flavour = flavour
        self._server = server
        self.adapter: ManifestAdapter = department(
            folder,
            server.url,
            flavour.wsdl,
            call=flavour.call,
            rows=flavour.rows,
            at_once=flavour.at_once,
        )

    async def records(self, *found: Row) -> list[Application]:
        self._server.answer = always(self._flavour.write(found))
        return await applications(self.adapter)

    async def warnings(self, *found: Row) -> list[tuple[str, str | None, str | None]]:
        self._server.answer = always(self._flavour.write(found))
        warnings = (await rows(self.adapter)).warnings
        return [(each.code, each.field_path, each.raw) for each in warnings]


@pytest.fixture(params=FLAVOURS)
async def sender(
    request: pytest.FixtureRequest, server: SoapServer, tmp_path: Path
) -> AsyncIterator[Sender]:
    sender = Sender(FLAVOURS[request.param], server, tmp_path)
    yield sender
    await sender.adapter.close()


async def test_a_row_in_two_scripts(sender: Sender) -> None:
    (record,) = await sender.records(ROW)
    assert record.application_reference_number == "N1"
    assert record.application_status is ApplicationStatus.UNDER_PROCESS
    assert record.status_notes == "सत्यापन शेष है"
    assert record.applicant_name == "राम देवी"
    assert record.requested_datetime is not None
    assert record.requested_datetime.isoformat() == "2026-11-03T00:00:00+05:30"
    assert record.updated_datetime is not None
    assert record.updated_datetime.isoformat() == "2026-11-04T10:20:30+05:30"


async def test_a_thousand_rows(sender: Sender) -> None:
    records = await sender.records(*({**ROW, "Number": f"N{nth}"} for nth in range(1000)))
    numbers = [record.application_reference_number for record in records]
    assert numbers == [f"N{nth}" for nth in range(1000)]


async def test_no_rows(sender: Sender) -> None:
    assert await sender.records() == []


async def test_empty_and_missing_elements_have_no_value(sender: Sender) -> None:
    (empty,) = await sender.records({**ROW, "Notes": "", "Applied": "", "Name": ""})
    (missing,) = await sender.records({"Number": "N1", "Owner": "A1", "Status": "02"})
    for record in (empty, missing):
        assert record.status_notes is None
        assert record.requested_datetime is None
        assert record.applicant_name is None


async def test_nil_elements_have_no_value(sender: Sender) -> None:
    (record,) = await sender.records({**ROW, "Notes": None, "Applied": None})
    assert (record.status_notes, record.requested_datetime) == (None, None)
    assert await sender.warnings({**ROW, "Notes": None, "Applied": None}) == []


async def test_a_duplicate_row_is_returned_twice(sender: Sender) -> None:
    # A connector can't decide which is right: the federation merges them, with a warning.
    assert len(await sender.records(ROW, ROW)) == 2


async def test_a_code_stays_as_written(sender: Sender) -> None:
    (record,) = await sender.records({**ROW, "Status": "02"})
    assert record.department_status is not None
    assert record.department_status.code == "02"
    assert await sender.warnings({**ROW, "Status": "2"}) == [
        ("UNKNOWN_CODE", "applicationStatus", "2")
    ]


async def test_a_value_of_the_wrong_type_causes_a_warning(sender: Sender) -> None:
    wrong = {**ROW, "Applied": "31/02/2026", "Changed": "yesterday", "Status": "two"}
    (record,) = await sender.records(wrong)
    assert record.application_reference_number == "N1"
    assert sorted(await sender.warnings(wrong)) == [
        ("INVALID_VALUE", "requestedDatetime", "31/02/2026"),
        ("INVALID_VALUE", "updatedDatetime", "yesterday"),
        ("UNKNOWN_CODE", "applicationStatus", "two"),
    ]


async def test_a_row_without_its_number_is_left_out_with_a_warning(sender: Sender) -> None:
    without = {name: text for name, text in ROW.items() if name != "Number"}
    assert [r.application_reference_number for r in await sender.records(without, ROW)] == ["N1"]
    assert await sender.warnings(without, ROW) == [
        ("UNUSABLE_ROW", "applicationReferenceNumber", None)
    ]


@pytest.mark.parametrize("sender", WITH_ELEMENTS, indirect=True)
async def test_an_extra_element_is_ignored(sender: Sender) -> None:
    further = {"Officer": "x", **ROW, "Remark": "y"}
    assert len(await sender.records(further)) == 1
    assert await sender.warnings(further) == []


@pytest.mark.parametrize("sender", WITH_ELEMENTS, indirect=True)
async def test_a_repeated_element_where_the_wsdl_has_one(sender: Sender) -> None:
    class Twice(dict[str, str | None]):
        """A mapping that may have the same key twice."""

        def items(self):  # type: ignore[no-untyped-def]
            return [*super().items(), ("Notes", "zweite")]

    (record,) = await sender.records(Twice(ROW))
    warnings = await sender.warnings(Twice(ROW))
    # Either the last value counts or the field has a warning; the values are never joined.
    assert record.status_notes == "zweite" or ("INVALID_VALUE", "statusNotes") in [
        each[:2] for each in warnings
    ]


MOMENTS = [
    "2026-11-04T24:00:00",
    "2026-11-04T10:20:30.1234567+05:30",
    "2026-11-04+05:30",
    "2026-11-04Z",
    "2026-11-04",
    "2026-02-30T00:00:00",
    "10000-01-01T00:00:00",
    "-0044-03-15T00:00:00",
    "0001-01-01T00:00:00",
    "2026-11-04T10:20",
    "yesterday",
]


@pytest.mark.parametrize("flavour", WITH_ELEMENTS)
@pytest.mark.parametrize("written", MOMENTS)
async def test_a_moment_has_the_same_value_and_warning_as_in_rest_xml(
    written: str, flavour: str, server: SoapServer, tmp_path: Path
) -> None:
    wire = rest_wires.WIRES["xml"]
    sent = {"number": "N1", "citizen": "A1", "status": "02", "made": written}

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=wire.write([sent]))

    async with http_server(handler) as url:
        connector = {"kind": "rest", "base_url": url, **wire.connector}
        capability = {"call": {"path": "/of"}, "rows": wire.rows, "key": "citizen"}
        forest = forest_department.write_department(tmp_path, connector, capability)
        manifest = forest / "department.yaml"
        text = manifest.read_text(encoding="utf-8").replace("dd/mm/yyyy", "iso")
        manifest.write_text(text, encoding="utf-8")
        adapter = build_adapter(load_department(forest))
        by_rest = (await forest_department.look_up(adapter, "A1"))["A1"]
        await adapter.close()
    soap = Sender(FLAVOURS[flavour], server, tmp_path / "soap")
    by_soap = await soap.records({**ROW, "Changed": written})
    raws = [
        raw
        for code, field, raw in await soap.warnings({**ROW, "Changed": written})
        if (code, field) == ("INVALID_VALUE", "updatedDatetime")
    ]
    await soap.adapter.close()
    (record,) = forest_department.records(by_rest)
    assert by_soap[0].updated_datetime == record.requested_datetime
    assert raws == [each.raw for each in by_rest.warnings if each.code == "INVALID_VALUE"]
