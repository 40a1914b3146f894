"""Pensions in the form of a .NET DataSet (`docs/quirks.md` 3 and a).

The WSDL declares `xs:any`; the reply has a schema and a diffgram there. A row leaves out null
columns. Hindi names come in Unicode or in the keys of an old font (quirks 26 and 27).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from xml.sax.saxutils import escape
from zlib import crc32

from mocks.dirty_text import one_of, padded
from mocks.pensions.legacy_font import typed
from mocks.population.citizen import Citizen
from mocks.population.demo_family import BORN_ACCORDING_TO_PENSIONS, RAM_DEVI, RAM_DEVI_PPO
from mocks.population.records import Benefit
from mocks.population.services import PENSION_STATES, PENSIONS

COLUMNS = (
    "PEN_ID", "PPO_NO", "NM_E", "NM_H", "FH_NM", "DOB", "SCH_CD", "AMT", "SANC_DT", "ST_CD",
    "ST_TXT", "ST_DT", "LST_PAID",
)  # fmt: skip
NO_NAME: tuple[str | None, ...] = (None, "", "NA")
NO_DAY = (None, "01/01/1753")
"""Spellings of no date; SQL Server's first day replaces null (quirk 12)."""
ONE_LETTER = {"ड़": "\u095c", "ढ़": "\u095d"}
"""Letters with a dot that Unicode also has as single code points, which NFC never produces."""
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


def dataset(pensions: Sequence[tuple[Benefit, Citizen]]) -> str:
    """Return schema and diffgram; the diffgram is empty if there are no rows."""
    rows = "".join(_row(nth, pension, holder) for nth, (pension, holder) in enumerate(pensions))
    tables = f'<NewDataSet xmlns="">{rows}</NewDataSet>' if rows else ""
    return f"{_SCHEMA}{_DIFFGRAM}{tables}</diffgr:diffgram>"


def _row(nth: int, pension: Benefit, holder: Citizen) -> str:
    columns = "".join(
        f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"
        for name, text in _columns(pension, holder)
        if text is not None
    )
    return f'<Table diffgr:id="Table{nth + 1}" msdata:rowOrder="{nth}">{columns}</Table>'


def _columns(pension: Benefit, holder: Citizen) -> Iterable[tuple[str, str | None]]:
    label, _ = PENSION_STATES[pension.status_code]
    changed, paid = pension.status_changed_on, pension.paid_on
    rupees, paise = divmod(pension.amount_paise, 100)
    born = BORN_ACCORDING_TO_PENSIONS if pension.owner == RAM_DEVI_PPO else holder.born
    texts = (
        pension.number,
        padded(pension.owner, f"{pension.number} owner"),
        holder.name.latin,
        name_in_hindi(holder),
        _guardian(holder),
        _day(born),
        PENSIONS.service(pension.service_code).wire_code,
        f"{rupees}.{paise:02d}00",
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


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
