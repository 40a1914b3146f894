"""Payments of benefits: order, masked accounts, and the reasons of banks."""

import datetime as dt

import pytest

from schema.benefit_payment import (
    MAX_PAYMENTS,
    BenefitPayment,
    PaymentPeriod,
    PaymentStatus,
    newest_payments,
)
from schema.errors import HubError
from schema.language import Language
from schema.return_reason import RETURN_REASONS, ReturnReason
from schema.status import DepartmentStatus


def payment(
    month: int | None, paid_on: dt.date | None = None, account: str | None = None
) -> BenefitPayment:
    return BenefitPayment(
        payment_status=PaymentStatus.SUCCEEDED,
        department_status=DepartmentStatus(code="C"),
        period=PaymentPeriod(to_date=dt.date(2026, month, 28)) if month else None,
        paid_on=paid_on,
        account=account,
    )


def test_the_newest_payments_come_first() -> None:
    april, may, june = payment(4), payment(5), payment(6)
    assert newest_payments([may, april, june], 2) == [june, may]


def test_a_repeated_payment_comes_before_the_returned_one() -> None:
    returned = payment(6, dt.date(2026, 6, 7))
    repeated = payment(6, dt.date(2026, 6, 19))
    not_sent = payment(6)
    assert newest_payments([returned, not_sent, repeated], 3) == [not_sent, repeated, returned]


def test_a_payment_without_a_period_is_placed_by_its_day() -> None:
    june, no_period, nothing = payment(6), payment(None, dt.date(2026, 7, 1)), payment(None)
    assert newest_payments([nothing, june, no_period], 3) == [no_period, june, nothing]


@pytest.mark.parametrize("last", [0, -1, MAX_PAYMENTS + 1])
def test_the_number_of_payments_is_bounded(last: int) -> None:
    with pytest.raises(HubError, match=f"`last` is {last}"):
        newest_payments([], last)


@pytest.mark.parametrize(
    ("account", "shown"),
    [("20145678901", "XXXX8901"), ("XXXXXXX8901", "XXXX8901"), ("8901", "XXXX8901"), (None, None)],
)
def test_an_account_shows_its_last_four_digits(account: str | None, shown: str | None) -> None:
    assert payment(6, account=account).masked_account() == shown


@pytest.mark.parametrize("code", ["53", "053"])
def test_a_return_code_has_a_text_in_both_languages(code: str) -> None:
    describe = ReturnReason(code=code).description
    assert "inoperative" in describe()
    assert "निष्क्रिय" in describe(Language.HI)


def test_an_unknown_return_code_has_no_text() -> None:
    assert ReturnReason(code="99").description() is None


def test_every_return_code_has_a_text_in_hindi() -> None:
    assert [code for code, text in RETURN_REASONS.items() if not text.hi] == []
