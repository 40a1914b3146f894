"""Pensions in the form of a .NET DataSet (`docs/quirks.md` 3 and a).

The WSDL declares `xs:any`; the reply has a schema and a diffgram there. A row leaves out null
columns, and contains the rows of its payments. Hindi names come in Unicode or in the keys of an old
font (quirks 26 and 27).
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape
from zlib import crc32

from mocks.dirty_text import one_of, padded
from mocks.pensions.legacy_font import typed
from mocks.population.citizen import Citizen
from mocks.population.demo_family import BORN_ACCORDING_TO_PENSIONS, RAM_DEVI, RAM_DEVI_PPO
from mocks.population.payments import PENSION_PAYMENT_STATES, payments_of_pension
from mocks.population.records import Benefit, Payment
from mocks.population.services import PENSION_STATES, PENSIONS

COLUMNS = (
    "PEN_ID", "PPO_NO", "NM_E", "NM_H", "FH_NM", "DOB", "SCH_CD", "AMT", "SANC_DT", "ST_CD",
    "ST_TXT", "ST_DT", "LST_PAID",
)  # fmt: skip
PAYMENT_COLUMNS = ("PRD_FR", "PRD_TO", "PY_AMT", "PY_DT", "PY_ST", "PY_TXT", "RTN_CD", "AC_NO")
NO_NAME: tuple[str | None, ...] = (None, "", "NA")
NO_DAY = (None, "01/01/1753")
"""Spellings of no date; SQL Server's first day replaces null (quirk 12)."""
ONE_LETTER = {"ड़": "\u095c", "ढ़": "\u095d"}
"""Letters with a dot that Unicode also has as single code points, which NFC never produces."""


def _columns_of(names: Iterable[str]) -> str:
    return "".join(f'<xs:element name="{name}" type="xs:string" minOccurs="0"/>' for name in names)


_SCHEMA = (
    '<xs:schema id="NewDataSet" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">'
    '<xs:element name="NewDataSet" msdata:IsDataSet="true" msdata:UseCurrentLocale="true">'
    '<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="Table">'
    "<xs:complexType><xs:sequence>"
    + _columns_of(COLUMNS)
    + '<xs:element name="PYMT" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>'
    + _columns_of(PAYMENT_COLUMNS)
    + "</xs:sequence></xs:complexType></xs:element>"
    "</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element>"
    "</xs:schema>"
)
_DIFFGRAM = (
    '<diffgr:diffgram xmlns:msdata="urn:schemas-microsoft-com:xml-msdata" '
    'xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1">'
)


def dataset(pensions: Sequence[tuple[Benefit, Citizen]]) -> str:
    """Return schema and diffgram; the diffgram is empty if there are no rows."""
    payment_ids = itertools.count()
    rows = "".join(
        _row(nth, pension, holder, payment_ids) for nth, (pension, holder) in enumerate(pensions)
    )
    tables = f'<NewDataSet xmlns="">{rows}</NewDataSet>' if rows else ""
    return f"{_SCHEMA}{_DIFFGRAM}{tables}</diffgr:diffgram>"


def _row(nth: int, pension: Benefit, holder: Citizen, payment_ids: Iterator[int]) -> str:
    payments = "".join(
        _table("PYMT", next(payment_ids), _payment_columns(payment))
        for payment in payments_of_pension(pension)
    )
    return _table("Table", nth, _columns(pension, holder), payments)


def _table(name: str, nth: int, columns: Iterable[tuple[str, str | None]], rows: str = "") -> str:
    """Return a row of a table, with the rows of other tables in it."""
    elements = "".join(
        f"<{column}>{escape(text)}</{column}>" if text else f"<{column}/>"
        for column, text in columns
        if text is not None
    )
    row_id = f'diffgr:id="{name}{nth + 1}" msdata:rowOrder="{nth}"'
    return f"<{name} {row_id}>{elements}{rows}</{name}>"


def _payment_columns(payment: Payment) -> Iterable[tuple[str, str | None]]:
    first, last = payment.period
    code, label = PENSION_PAYMENT_STATES[payment.status]
    key = f"{payment.account_last4} {first}"
    texts = (
        _day(first),
        _day(last),
        _rupees(payment.amount_paise),
        _day(payment.paid_on) if payment.paid_on else one_of(NO_DAY, f"{key} paid"),
        code,
        padded(label, f"{key} label"),
        # Blank or 00 without a reason.
        payment.return_code or one_of(("", "00"), f"{key} code"),
        f"XXXXXXX{payment.account_last4}",
    )
    return zip(PAYMENT_COLUMNS, texts, strict=True)


def _columns(pension: Benefit, holder: Citizen) -> Iterable[tuple[str, str | None]]:
    label, _ = PENSION_STATES[pension.status_code]
    changed, paid = pension.status_changed_on, pension.paid_on
    born = BORN_ACCORDING_TO_PENSIONS if pension.owner == RAM_DEVI_PPO else holder.born
    texts = (
        pension.number,
        padded(pension.owner, f"{pension.number} owner"),
        holder.name.latin,
        name_in_hindi(holder),
        _guardian(holder),
        _day(born),
        PENSIONS.service(pension.service_code).wire_code,
        _rupees(pension.amount_paise),
        _day(pension.sanctioned_on),
        pension.status_code,
        padded(label, f"{pension.number} label"),
        _day(changed) if changed else one_of(NO_DAY, f"{pension.number} changed"),
        _day(paid) if paid else "",
    )
    return zip(COLUMNS, texts, strict=True)


def _guardian(holder: Citizen) -> str:
    """Return the relation and the name in one text, for widows with the word LATE."""
    guardian = holder.guardian
    if guardian is None:
        return ""
    late = "LATE " if holder.marital_status == "W" else ""
    return f"{guardian.relation} {late}{guardian.name}"


def name_in_hindi(holder: Citizen) -> str | None:
    """Return the name in Unicode; for Ram Devi and one person in twenty, in an old font's keys."""
    name = holder.name.devanagari
    if not holder.name_local_known:
        return one_of(NO_NAME, f"{holder.member_id} no name")
    if crc32(f"{holder.member_id} font".encode()) % 20 == 0 or name == RAM_DEVI.devanagari:
        return typed(name)
    for two, one in ONE_LETTER.items():
        name = one_of((name, name.replace(two, one)), f"{holder.member_id} dots")
    return name


def _rupees(paise: int) -> str:
    return f"{paise // 100}.{paise % 100:02d}00"


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
