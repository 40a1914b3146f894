"""Checks of new applications, with the pension system's own return codes."""

import re
from dataclasses import dataclass
from datetime import date

from mocks.population.clock import TODAY, parse_day

DONE, SMS_FAILED, PRINT_FAILED = 0, 11, 12
"""Codes of an application that is stored. The last two report that a later step failed."""
NAME_BYTES = 60
HINDI_NAME_BYTES = 80
KRUTI_DEV = "cp1252"
"""Encoding of the column for names in Hindi, whose texts are keys of the font Kruti Dev 010."""
INCOME_LIMITS = {"01": 300_000, "02": 199_999}
CIRCUMSTANCES = frozenset("WDS")
DISABILITIES = frozenset("LVHIO")
LEAST_AGE = {"01": 60, "02": 18, "03": 18}


@dataclass(frozen=True, slots=True)
class ReturnStatus:
    """A return code and its text."""

    code: int
    text: str


def refusal(scheme: str, form: dict[str, str]) -> ReturnStatus | None:
    """Return why a form is refused; None if it is accepted.

    Args:
        scheme: the department's code of the scheme.
        form: texts by element name, without empty elements.
    """
    if scheme not in LEAST_AGE:
        return ReturnStatus(20, f"Invalid scheme {scheme}")
    for check in (_names, _birth, _contact, _bank, _income, _scheme_fields):
        found = check(scheme, form)
        if found is not None:
            return found
    return None


def _names(_: str, form: dict[str, str]) -> ReturnStatus | None:
    name, hindi = form.get("ApplicantName", ""), form.get("NameHindi", "")
    if not name:
        return ReturnStatus(21, "ApplicantName is mandatory")
    if len(name.encode()) > NAME_BYTES:
        return ReturnStatus(21, f"String or binary data would be truncated. NM_E ({NAME_BYTES})")
    try:
        keys = hindi.encode(KRUTI_DEV)
    except UnicodeEncodeError:
        return ReturnStatus(22, "NM_H accepts Kruti Dev 010 only")
    if len(keys) > HINDI_NAME_BYTES:
        text = f"String or binary data would be truncated. NM_H ({HINDI_NAME_BYTES})"
        return ReturnStatus(22, text)
    return None


def _birth(scheme: str, form: dict[str, str]) -> ReturnStatus | None:
    born = _day(form.get("DateOfBirth", ""))
    if born is None or born > TODAY:
        return ReturnStatus(23, "DateOfBirth is not a valid day")
    age = TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))
    if age < LEAST_AGE[scheme]:
        return ReturnStatus(27, f"Age below {LEAST_AGE[scheme]} years")
    return None


def _contact(_: str, form: dict[str, str]) -> ReturnStatus | None:
    mobile = form.get("MobileNo", "")
    if mobile and not re.fullmatch(r"[0-9]{10}", mobile):
        return ReturnStatus(24, "MobileNo must have 10 digits")
    return None


def _bank(_: str, form: dict[str, str]) -> ReturnStatus | None:
    if not re.fullmatch(r"[0-9]{9,18}", form.get("BankAccount", "")):
        return ReturnStatus(25, "BankAccount must have 9 to 18 digits")
    return None


def _income(scheme: str, form: dict[str, str]) -> ReturnStatus | None:
    limit = INCOME_LIMITS.get(scheme)
    if limit is None:
        return None
    income = _number(form.get("YearlyIncome", ""))
    if income is None:
        return ReturnStatus(26, "YearlyIncome must be in rupees")
    return ReturnStatus(26, "Income above the limit") if income > limit else None


def _scheme_fields(scheme: str, form: dict[str, str]) -> ReturnStatus | None:
    circumstance = form.get("Circumstance", "")
    if scheme == "02" and circumstance not in CIRCUMSTANCES:
        return ReturnStatus(28, "Circumstance must be W, D or S")
    if scheme == "02" and circumstance == "W" and _day(form.get("HusbandDiedOn", "")) is None:
        return ReturnStatus(28, "HusbandDiedOn is mandatory for a widow")
    if scheme == "03" and form.get("DisabilityKind") not in DISABILITIES:
        return ReturnStatus(29, "DisabilityKind must be L, V, H, I or O")
    percent = _number(form.get("DisabilityPercent", ""))
    if scheme == "03" and (percent is None or not 60 <= percent <= 100):
        return ReturnStatus(29, "DisabilityPercent must be 60 to 100")
    return None


def _day(text: str) -> date | None:
    try:
        return parse_day(text, "%d/%m/%Y")
    except ValueError:
        return None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", text) else None
