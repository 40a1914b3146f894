"""Compares the conditions of a service with what the registry records about the citizen.

The results are hints: the record can be wrong, and the department decides.
"""

import datetime as dt
from collections.abc import Sequence

from schema.citizen import Citizen
from schema.draft import EligibilityHint
from schema.family import Family
from schema.labels import label_text
from schema.language import Text
from schema.person import BirthDatePrecision
from schema.problem_messages import filled
from schema.service import Eligibility, IncomeScope

AGE = Text("Age in the family registry: {age}", "परिवार रजिस्टर में आयु: {age}")
SEX = Text("In the family registry: {sex}", "परिवार रजिस्टर में: {sex}")
INCOME = Text(
    "Yearly income in the family registry: Rs {income}",
    "परिवार रजिस्टर में वार्षिक आय: ₹{income}",
)


def hints_of(
    conditions: Sequence[Eligibility], citizen: Citizen, family: Family | None, today: dt.date
) -> list[EligibilityHint]:
    """Return the conditions that the record does not meet.

    A value that is not recorded, or that the caller does not see, meets every condition.

    Args:
        citizen: what the caller sees of the citizen.
        family: what the caller sees of the citizen's family; None if nothing.
    """
    hints = []
    for each in conditions:
        found = _contradiction(each, citizen, family, today)
        if found is not None:
            hints.append(EligibilityHint(condition_text=each.condition_text, found_text=found))
    return hints


def needs_income(conditions: Sequence[Eligibility]) -> bool:
    """Return whether a condition compares the income of the family."""
    return any(_compares_income(each) for each in conditions)


def _compares_income(condition: Eligibility) -> bool:
    of_family = condition.income_of in (None, IncomeScope.FAMILY)
    return condition.max_yearly_income is not None and of_family


def _contradiction(
    condition: Eligibility, citizen: Citizen, family: Family | None, today: dt.date
) -> Text | None:
    """Return the recorded value that contradicts a condition; None if none does."""
    limits = (condition.min_age, condition.max_age, condition.max_yearly_income)
    if condition.sex is not None and citizen.sex is not None and citizen.sex is not condition.sex:
        # Limits for one sex do not concern the other.
        has_limits = any(each is not None for each in limits)
        return None if has_limits else filled(SEX, sex=label_text(citizen.sex))
    ages = _ages(citizen, today)
    if ages is not None:
        youngest, oldest = ages
        too_young = condition.min_age is not None and oldest < condition.min_age
        too_old = condition.max_age is not None and youngest > condition.max_age
        if too_young or too_old:
            return filled(AGE, age=oldest if too_young else youngest)
    limit = condition.max_yearly_income
    if limit is not None and _compares_income(condition) and family is not None:
        income = family.annual_income
        if income is not None and income.amount > limit.amount:
            return filled(INCOME, income=f"{income.amount // 100:,}")
    return None


def _ages(citizen: Citizen, today: dt.date) -> tuple[int, int] | None:
    """Return the smallest and the largest age in years; None if the birth date is not known."""
    born = citizen.birth_date
    if born is None:
        return None
    years = today.year - born.year
    if citizen.birth_date_precision is BirthDatePrecision.YEAR:
        return years - 1, years
    age = years - ((today.month, today.day) < (born.month, born.day))
    return age, age
