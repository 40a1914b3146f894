"""Forms and calls of writes are filled: both scripts, codes, byte limits, documents."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.connectors.templates import fill
from adapters.contract import DepartmentRefusedError
from adapters.mapping import Code, CodeTable
from adapters.write_filling import Form, WriteFilling
from adapters.writes import Misfit, MisfitReason
from schema.form import AttributeType
from schema.language import Text
from schema.person import Sex
from tests.connectors.writing_department import RECEIPT, application, document

TOO_LONG = MisfitReason.TOO_LONG

IST = ZoneInfo("Asia/Kolkata")
TABLES = {
    "trades": CodeTable("trades", None, [
        Code("11", None, Text("Mason")),
        Code("12", None, Text("Tree cutter")),
        Code("13", None, Text("Tree cutter")),
    ]),
    "sex": CodeTable("sex", Sex, [Code("M", Sex.MALE, None), Code("F", Sex.FEMALE, None)]),
}  # fmt: skip
TYPES = {
    "applicant_name": AttributeType.STRING,
    "trade": AttributeType.SINGLE_VALUE_LIST,
    "tools": AttributeType.MULTI_VALUE_LIST,
    "sex": AttributeType.SINGLE_VALUE_LIST,
    "birth_date": AttributeType.DATE,
    "seen_at": AttributeType.DATETIME,
}


def filling(fields: Mapping[str, Any], blank: str | None = None) -> WriteFilling:
    form = Form("TR", fields, blank, TYPES)
    return WriteFilling("forest", IST, TABLES, {"FOR-1": form})


async def filled(
    fields: Mapping[str, Any], values: Mapping[str, object], blank: str | None = None, **more: Any
) -> Any:
    request = application(values=values, **more)
    bindings = await filling(fields, blank).bindings(request, {"fields"}, {})
    return bindings["fields"]


async def test_fields_keep_the_order_of_the_manifest() -> None:
    fields = {"t": "{trade|code trades}", "n": "{applicant_name}", "k": "Y", "r": "{receipt}"}
    values = {"applicant_name": "Asha", "trade": "MASON"}
    found = await filled(fields, values)
    assert list(found.items()) == [("t", "11"), ("n", "Asha"), ("k", "Y"), ("r", RECEIPT)]


async def test_codes_are_found_by_meaning_or_english_text() -> None:
    fields = {"trade": "{trade|code trades}", "sex": "{sex|code sex}", "all": "{tools|code trades}"}
    values = {"trade": "TREE_CUTTER", "sex": "FEMALE", "tools": ["MASON", "tree cutter"]}
    assert await filled(fields, values) == {"trade": "12", "sex": "F", "all": ["11", "12"]}
    with pytest.raises(DepartmentRefusedError, match="no code for 'PILOT'") as caught:
        await filled(fields, {"trade": "PILOT"})
    assert caught.value.not_done


async def test_dates_and_moments_are_those_of_the_department() -> None:
    fields = {
        "born": "{birth_date:dd-mon-yyyy}",
        "seen": "{seen_at:dd/mm/yyyy HH:MM}",
        "filed": "{submitted_at:iso}",
    }
    moment = dt.datetime(2026, 11, 28, 20, 0, tzinfo=dt.UTC)
    expected = {
        "born": "29-Feb-1980",
        "seen": "29/11/2026 01:30",
        "filed": "2026-11-28T16:55:00+05:30",
    }
    texts = {"birth_date": "1980-02-29", "seen_at": moment.isoformat()}
    assert await filled(fields, texts) == expected
    assert await filled(fields, {"birth_date": dt.date(1980, 2, 29), "seen_at": moment}) == expected


async def test_an_empty_value_is_left_out_or_blank() -> None:
    fields = {"name": "{applicant_name}", "trade": "{trade}", "both": "{applicant_name} {trade}"}
    values = {"applicant_name": "Asha", "trade": ""}
    assert await filled(fields, values) == {"name": "Asha"}
    assert await filled(fields, values, "") == {"name": "Asha", "trade": "", "both": ""}


async def test_names_are_sent_in_both_scripts() -> None:
    fields = {
        "name": "{applicant_name}",
        "hindi": "{applicant_name_local}",
        "font": "{applicant_name_local|kruti_dev}",
    }
    facts = {"applicant_name_local": "आशा देवी"}
    found = await filled(fields, {"applicant_name": "Asha Devi"}, facts=facts)
    assert found["name"] == "Asha Devi"
    assert found["hindi"] == "आशा देवी"
    assert found["font"].isascii() or not any("ऀ" <= each <= "ॿ" for each in found["font"])


async def test_an_attribute_hides_a_fact_of_the_same_name() -> None:
    facts = {"applicant_name": "Name in the registry"}
    fields = {"name": "{applicant_name}"}
    assert await filled(fields, {"applicant_name": "Asha"}, facts=facts) == {"name": "Asha"}


async def test_a_form_is_packed_into_one_text_without_a_separator_in_a_value() -> None:
    fields = {"name": "{applicant_name}", "trade": "{trade}", "n": "{member}"}
    request = application(values={"applicant_name": "Asha|Devi", "trade": None})
    bindings = await filling(fields, "").bindings(request, {"fields"}, {})
    assert fill("{fields|join |}", bindings) == "Asha Devi||M1"
    assert fill({"a": "1", "<<": "{fields}", "b": "2"}, bindings) == {
        "a": "1", "name": "Asha|Devi", "trade": "", "n": "M1", "b": "2",
    }  # fmt: skip


async def test_documents_have_the_fields_that_the_write_names() -> None:
    request = application(documents=[document(b"abc"), document(b"xyz")])
    fields = {"kind": "{document_type}", "data": "{content}", "of": "{receipt}", "n": "{size}"}
    bindings = await filling({}).bindings(request, {"documents"}, fields)
    assert bindings["documents"] == [
        {"kind": "PHOTO", "data": "YWJj", "of": RECEIPT, "n": 3},
        {"kind": "PHOTO", "data": "eHl6", "of": RECEIPT, "n": 3},
    ]


async def test_a_call_for_one_document_never_drops_others() -> None:
    request = application(documents=[document(b"abc"), document(b"xyz")])
    with pytest.raises(DepartmentRefusedError, match="takes one document") as caught:
        await filling({}).bindings(request, {"content"}, {})
    assert caught.value.not_done


async def test_the_content_of_a_document_is_read_only_if_it_is_sent() -> None:
    async def fail() -> bytes:
        raise AssertionError

    unread = document()
    object.__setattr__(unread, "content", fail)
    request = application(documents=[unread])
    bindings = await filling({}).bindings(request, {"document_name", "sha256"}, {})
    assert bindings["document_name"] == "photo.pdf"
    with pytest.raises(AssertionError):
        await filling({}).bindings(request, {"content"}, {})


def test_values_that_are_too_long_are_reported_before_filing() -> None:
    fields = {
        "name": "{applicant_name|squeeze|max_bytes 10}",
        "short": "{applicant_name|max_bytes 40}",
        "hindi": "{applicant_name_local|max_bytes 12}",
    }
    call = {"body": {"note": "Note: {text|upper|max_bytes 5}"}}
    misfits = filling(fields).misfits
    facts = {"applicant_name_local": "आशा"}
    assert misfits("FOR-1", {"applicant_name": "Asha   Devi"}, facts, call) == []
    assert misfits("FOR-1", {"applicant_name": "Asha Kumari"}, facts, call) == [
        Misfit("applicant_name", TOO_LONG, 10)
    ]
    facts = {"applicant_name_local": "आशा देवी", "text": "शिक"}
    assert misfits("FOR-1", {"applicant_name": "x" * 50}, facts, call) == [
        Misfit("text", TOO_LONG, 5),
        Misfit("applicant_name", TOO_LONG, 10),
        Misfit("applicant_name_local", TOO_LONG, 12),
    ]
    assert misfits("", {}, {"text": "12345"}, call) == []


def test_values_that_are_too_short_or_have_no_code_are_reported_before_filing() -> None:
    codes = [Code("01", None, Text("Citizen.birthDate"))]
    fields = {"name": "{applicant_name|min_chars 2}", "again": "{applicant_name|min_chars 4}"}
    call = {
        "field": "{record_field|code fields|max_bytes 1}",
        "text": "{text|squeeze|min_chars 5|max_bytes 5}",
    }
    short = replace(filling(fields), tables={"fields": CodeTable("fields", None, codes)})

    def found(name: str, **facts: object) -> set[Misfit]:
        return set(short.misfits("FOR-1", {"applicant_name": name}, facts, call))

    assert found("Asha", text="a  bcd", record_field="citizen.birthDate") == {
        Misfit("record_field", TOO_LONG, 1)
    }
    assert found("A", text="a    b", record_field="Citizen.sex") == {
        Misfit("applicant_name", MisfitReason.TOO_SHORT, 4),
        Misfit("text", MisfitReason.TOO_SHORT, 5),
        Misfit("record_field", MisfitReason.NO_CODE),
    }
    # A value that the citizen did not give is not too short.
    assert short.misfits("FOR-1", {}, {}, call) == []
