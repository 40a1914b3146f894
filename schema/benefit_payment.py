"""Payments of a benefit (G2P Connect Disbursement)."""

import datetime as dt
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import reads
from schema.enums import DescribedEnum, described
from schema.errors import bad_input
from schema.labels import label_field
from schema.personal import FieldClass, classes
from schema.return_reason import ReturnReason
from schema.service import Money
from schema.status import DepartmentStatus

MAX_PAYMENTS = 60
"""Maximum number of payments that one field returns."""
SHOWN_OF_ACCOUNT = 4
"""Number of last characters of an account number that the hub shows."""


@strawberry.enum(
    description="Status of a payment to a citizen (DCI DisbursementStatus, and RETURNED)."
)
class PaymentStatus(DescribedEnum):
    RECEIVED = described("rcvd: ordered, and not yet sent to the bank.")
    PENDING = described("pdng: sent to the bank, which has not confirmed it yet.")
    SUCCEEDED = described("succ: credited to the account.")
    REJECTED = described("rjct: refused before it reached the bank. Nothing was paid.")
    RETURNED = described("The bank returned it to the department. See `returnReason`.")
    UNKNOWN = described("The hub does not know the department's code.")


@strawberry.type(description="The days that a payment is for.")
class PaymentPeriod:
    # The order of payments depends on it.
    ALWAYS_READ: ClassVar = frozenset({"to_date"})
    CLASSES: ClassVar = classes({FieldClass.PAYMENT: ["from_date", "to_date"]})

    from_date: dt.date | None = field(default=None, name="from", description="First day.")
    to_date: dt.date | None = field(default=None, name="to", description="Last day.")


@strawberry.type(description="One payment of a benefit (G2P Connect Disbursement).")
class BenefitPayment:
    # The order of payments depends on them.
    ALWAYS_READ: ClassVar = frozenset({"period", "paid_on"})
    RECORD_CLASS: ClassVar = FieldClass.PAYMENT
    CLASSES: ClassVar = classes(
        {
            FieldClass.PAYMENT: [
                "payment_status",
                "department_status",
                "period",
                "amount",
                "paid_on",
                "return_reason",
                "account",
            ]
        }
    )

    payment_status: PaymentStatus = field(description="Status, translated to a common code.")
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    period: PaymentPeriod | None = field(default=None, description="The days that it is for.")
    amount: Money | None = field(default=None, description="Amount of the payment.")
    paid_on: dt.date | None = field(
        default=None,
        description="When the department sent it to the bank, also if it was returned later. Null "
        "if it has not been sent.",
    )
    return_reason: ReturnReason | None = field(
        default=None, description="Why the bank returned it. Null if it did not."
    )
    account: strawberry.Private[str | None] = None
    payment_status_label: str = label_field("payment_status", description="Label of the status.")

    @strawberry.field(
        description="The bank account that it was sent to: `XXXX` and the last four digits.",
        metadata=reads("account"),
    )
    def masked_account(self) -> str | None:
        return self.account and f"XXXX{self.account[-SHOWN_OF_ACCOUNT:]}"


def newest_payments(payments: list[BenefitPayment], last: int) -> list[BenefitPayment]:
    """Return the `last` newest payments by period, and by day if periods are equal; newest first.

    Raises:
        HubError: `BAD_USER_INPUT`, `last` is not in 1 to `MAX_PAYMENTS`.
    """
    if not 0 < last <= MAX_PAYMENTS:
        raise bad_input(f"`last` is {last}; it must be 1 to {MAX_PAYMENTS}.")

    def age(payment: BenefitPayment) -> tuple[dt.date, dt.date]:
        end = payment.period.to_date if payment.period else None
        # A payment that has not been sent is the newest of its period.
        return end or payment.paid_on or dt.date.min, payment.paid_on or dt.date.max

    return sorted(payments, key=age, reverse=True)[:last]
