"""Writes pensions as .NET writes a DataSet (`domain.md` C3, C2a).

The inline schema and the diffgram stand where the WSDL says `xs:any`; a column that is null is left
out of its row.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from xml.sax.saxutils import escape

from mocks.blemish import padded
from mocks.population.records import Benefit
from mocks.population.services import PENSION_STATES, PENSIONS

COLUMNS = (
    "PEN_ID", "PPO_NO", "SCH_CD", "AMT", "SANC_DT", "ST_CD", "ST_TXT", "ST_DT", "LST_PAID",
)  # fmt: skip
_SCHEMA = (
    '<xs:schema id="NewDataSet" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">'
    '<xs:element name="NewDataSet" msdata:IsDataSet="true" msdata:UseCurrentLocale="true">'
    '<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="Table">'
    "<xs:complexType><xs:sequence>"
    + "".join(f'<xs:element name="{name}" type="xs:string" minOccurs="0"/>' for name in COLUMNS)
    + "</xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element>"
    "</xs:schema>"
)
_DIFFGRAM = (
    '<diffgr:diffgram xmlns:msdata="urn:schemas-microsoft-com:xml-msdata" '
    'xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1">'
)


def dataset(pensions: Sequence[Benefit]) -> str:
    """Schema and diffgram; a DataSet without rows has an empty diffgram."""
    rows = "".join(_row(nth, pension) for nth, pension in enumerate(pensions))
    tables = f'<NewDataSet xmlns="">{rows}</NewDataSet>' if rows else ""
    return f"{_SCHEMA}{_DIFFGRAM}{tables}</diffgr:diffgram>"


def _row(nth: int, pension: Benefit) -> str:
    columns = "".join(
        f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"
        for name, text in _columns(pension)
        if text is not None
    )
    return f'<Table diffgr:id="Table{nth + 1}" msdata:rowOrder="{nth}">{columns}</Table>'


def _columns(pension: Benefit) -> Iterable[tuple[str, str | None]]:
    label, _ = PENSION_STATES[pension.status_code]
    changed, paid = pension.status_changed_on, pension.paid_on
    rupees, paise = divmod(pension.amount_paise, 100)
    texts = (
        pension.number,
        padded(pension.owner, f"{pension.number} owner"),
        PENSIONS.service(pension.service_code).wire_code,
        f"{rupees}.{paise:02d}00",
        _day(pension.sanctioned_on),
        pension.status_code,
        padded(label, f"{pension.number} label"),
        _day(changed) if changed else None,
        _day(paid) if paid else "",
    )
    return zip(COLUMNS, texts, strict=True)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
