"""How the Family ID register writes a citizen and a family."""

from typing import Any

from mocks.dirty_text import blemished, json_or_nothing, one_of
from mocks.population.aadhaar import masked
from mocks.population.citizen import Citizen, Family
from mocks.population.clock import iso_instant


def wire_citizen(citizen: Citizen) -> dict[str, Any]:
    """A citizen with the register's blemishes: padding, double spaces, spellings of nothing."""
    key = citizen.member_id
    guardian = citizen.guardian
    return {
        "memberId": citizen.member_id,
        "familyId": citizen.family_id,
        "memberNo": citizen.member_no,
        "relation": citizen.relation,
        "nameEn": blemished(citizen.name.latin, f"{key} nameEn"),
        "nameHi": json_or_nothing(
            citizen.name.devanagari if citizen.name_local_known else None, f"{key} nameHi"
        ),
        "gender": citizen.gender,
        "dob": citizen.born.isoformat(),
        "dobPrecision": citizen.birth_precision,
        "lifeStatus": citizen.life_status,
        "deathDate": citizen.died.isoformat() if citizen.died else None,
        "maritalStatus": citizen.marital_status,
        "guardian": {
            "name": json_or_nothing(guardian.name if guardian else None, f"{key} guardian"),
            "relation": guardian.relation if guardian else one_of(("", None), key),
        },
        "mobile": json_or_nothing(citizen.mobile, f"{key} mobile"),
        "email": citizen.email or one_of((None, "NA"), f"{key} email"),
        "aadhaarRef": citizen.aadhaar_reference,
        "aadhaarMasked": masked(citizen.aadhaar_like),
        "address": {
            "house": citizen.address.house,
            "village": blemished(citizen.address.village, f"{key} village"),
            "districtCode": citizen.address.district.code,
            "district": blemished(citizen.address.district.name, f"{key} district"),
            "state": "HR",
            "pin": citizen.address.pin,
        },
        "occupation": json_or_nothing(citizen.occupation, f"{key} occupation"),
        "employment": citizen.employment,
        "disabled": citizen.disabled,
        "education": json_or_nothing(citizen.education, f"{key} education"),
        "links": [
            {"scheme": scheme, "value": number}
            for scheme, numbers in citizen.links.items()
            for number in numbers
        ],
        "registeredOn": citizen.registered_on.isoformat(),
        "updatedAt": iso_instant(citizen.updated_at),
    }


def wire_family(family: Family) -> dict[str, Any]:
    """A family and its members; income in rupees a year."""
    return {
        "familyId": family.family_id,
        "headMemberId": family.members[0].member_id,
        "size": len(family.members),
        "districtCode": family.district.code,
        "incomeAnnual": family.income_annual,
        "incomeVerified": "Y" if family.income_verified else "N",
        "povertyScore": family.poverty_score,
        "members": [wire_citizen(citizen) for citizen in family.members],
    }
