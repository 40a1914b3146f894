"""Money: integer minor units with a currency."""

import strawberry
from strawberry import field


@strawberry.type(description="An amount of money in the currency's minor unit.")
class Money:
    amount: int = field(description="Minor units: paise for INR (Rs 3,000.00 is 300000).")
    currency_code: str = field(default="INR", description="ISO 4217 code of the currency.")
