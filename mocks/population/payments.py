"""The payments of pensions and awards, derived from the benefit itself.

They depend on the benefit's number only, so each mock derives the same ones without random numbers.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from zlib import crc32

from mocks.population.clock import TODAY
from mocks.population.demo_family import RAM_DEVI_PENSION
from mocks.population.records import Benefit, Payment

PAYMENT_DAY = 7
"""Day of the month on which pensions are paid."""
KEPT_MONTHS = 18
"""Number of months of which the pensions department still has the payments."""
RETURN_CODES = ("53", "54", "51", "1", "68")
"""Codes of NPCI that banks return payments with, the most frequent first."""
PENSION_PAYMENT_STATES = {
    "RECEIVED": ("N", "Bill Prepared"),
    "PENDING": ("B", "Sent to Bank"),
    "SUCCEEDED": ("C", "Credited"),
    "REJECTED": ("X", "Batch Rejected"),
    "RETURNED": ("R", "Returned by Bank"),
}
"""Code and label of the pensions department for each status of a payment."""
AWARD_PAYMENT_STATES = {
    "RECEIVED": ("RECEIVED", "Payment order received"),
    "PENDING": ("SENT", "Sent to PFMS"),
    "SUCCEEDED": ("CREDITED", "Credited to account"),
    "REJECTED": ("RJCT_BATCH", "Batch rejected by PFMS"),
    "RETURNED": ("RETURNED", "Returned by bank"),
}
"""Code and label of the scholarships department for each status of a payment."""
DEMO_RETURNS = {
    (RAM_DEVI_PENSION, date(2026, 9, PAYMENT_DAY)): "53",
    (RAM_DEVI_PENSION, date(2026, 10, PAYMENT_DAY)): "53",
}
"""Ram Devi's pension of September and October, which her grievance is about."""


def payments_of_pension(pension: Benefit) -> list[Payment]:
    """Return one payment for each month until the last one; oldest first.

    The last day of payment in the record (`paid_on`) is that of a successful payment.
    """
    payments = [_of_month(pension, day) for day in _payment_days(pension)]
    if pension.status_code == "A":
        payments += _planned(pension)
    return payments


def payments_of_award(award: Benefit) -> list[Payment]:
    """Return the payments of the year; a returned one is repeated."""
    chance = _chance(award.number)
    first_year = award.sanctioned_on.year - (award.sanctioned_on.month < 7)
    period = date(first_year, 7, 1), date(first_year + 1, 6, 30)

    def payment(paid_on: date | None, status: str, return_code: str | None = None) -> Payment:
        account = _account(award)
        return Payment(period, award.amount_paise, paid_on, status, return_code, account)

    returned = payment(award.sanctioned_on, "RETURNED", RETURN_CODES[chance % len(RETURN_CODES)])
    if award.paid_on is None:
        unpaid = (
            returned,
            payment(award.sanctioned_on, "PENDING"),
            payment(None, "RECEIVED"),
            payment(None, "REJECTED"),
        )
        return [unpaid[chance % 4]]
    paid = payment(award.paid_on, "SUCCEEDED")
    is_repeated = award.paid_on > award.sanctioned_on and chance % 8 == 0
    return [returned, paid] if is_repeated else [paid]


def _payment_days(pension: Benefit) -> list[date]:
    days: list[date] = []
    day = pension.paid_on
    while day is not None and day > pension.sanctioned_on and len(days) < KEPT_MONTHS:
        days.insert(0, day)
        day = _month_before(day)
    return days


def _of_month(pension: Benefit, day: date) -> Payment:
    code = DEMO_RETURNS.get((pension.number, day))
    chance = _chance(f"{pension.number} {day}")
    if day != pension.paid_on and pension.number != RAM_DEVI_PENSION and chance % 16 == 0:
        code = RETURN_CODES[chance // 16 % len(RETURN_CODES)]
    return Payment(
        period=_month_of(day),
        amount_paise=pension.amount_paise,
        paid_on=day,
        status="RETURNED" if code else "SUCCEEDED",
        return_code=code,
        account_last4=_account(pension),
    )


def _planned(pension: Benefit) -> Iterator[Payment]:
    """Yield next month's payment, if the department has already ordered it."""
    chance = _chance(f"{pension.number} next")
    if chance % 4:
        return
    status = ("RECEIVED", "PENDING", "REJECTED")[chance // 4 % 3]
    next_month = TODAY.replace(day=28) + timedelta(days=7)
    sent_on = TODAY if status == "PENDING" else None
    account = _account(pension)
    yield Payment(_month_of(next_month), pension.amount_paise, sent_on, status, None, account)


def _month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=PAYMENT_DAY)


def _account(benefit: Benefit) -> str:
    return f"{_chance(f'{benefit.owner} account') % 10_000:04d}"


def _chance(key: str) -> int:
    return crc32(key.encode())
