"""JSON form of the register's citizens and families."""

from typing import Any

from mocks.dirty_text import dirty, json_or_blank, one_of
from mocks.population.aadhaar import masked
from mocks.population.citizen import Citizen, Family
from mocks.population.clock import iso_instant


def wire_citizen(citizen: Citizen) -> dict[str, Any]:
    """Return a citizen as JSON, with dirty texts and several spellings of empty values."""
    key = citizen.member_id
    guardian = citizen.guardian
    return {
        "memberId": citizen.member_id,
        "familyId": citizen.family_id,
        "memberNo": citizen.member_no,
        "relation": citizen.relation,
        "nameEn": dirty(citizen.name.latin, f"{key} nameEn"),
        "nameHi": json_or_blank(
            citizen.name.devanagari if citizen.name_local_known else None, f"{key} nameHi"
        ),
        "gender": citizen.gender,
        "dob": citizen.born.isoformat(),
        "dobPrecision": citizen.birth_precision,
        "lifeStatus": citizen.life_status,
        "deathDate": citizen.died.isoformat() if citizen.died else None,
        "maritalStatus": citizen.marital_status,
        "guardian": {
            "name": json_or_blank(guardian.name if guardian else None, f"{key} guardian"),
            "relation": guardian.relation if guardian else one_of(("", None), key),
        },
        "mobile": json_or_blank(citizen.mobile, f"{key} mobile"),
        "email": citizen.email or one_of((None, "NA"), f"{key} email"),
        "aadhaarRef": citizen.aadhaar_reference,
        "aadhaarMasked": masked(citizen.aadhaar_like),
        "address": {
            "house": citizen.address.house,
            "village": dirty(citizen.address.village, f"{key} village"),
            "districtCode": citizen.address.district.code,
            "district": dirty(citizen.address.district.name, f"{key} district"),
            "state": "HR",
            "pin": citizen.address.pin,
        },
        "occupation": json_or_blank(citizen.occupation, f"{key} occupation"),
        "employment": citizen.employment,
        "disabled": citizen.disabled,
        "education": json_or_blank(citizen.education, f"{key} education"),
        "links": [
            {"scheme": scheme, "value": number}
            for scheme, numbers in citizen.links.items()
            for number in numbers
        ],
        "registeredOn": citizen.registered_on.isoformat(),
        "updatedAt": iso_instant(citizen.updated_at),
    }


def wire_family(family: Family) -> dict[str, Any]:
    """Return a family with its members as JSON. The income is in rupees a year."""
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
