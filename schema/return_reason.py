"""Why a bank returned a payment: the return codes of NPCI, and their texts for citizens."""

from collections.abc import Mapping
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import reads
from schema.language import Language, LanguageArgument, Text

RETURN_REASONS: Mapping[str, Text] = {
    "1": Text("The account is closed.", "खाता बंद कर दिया गया है।"),
    "2": Text("There is no such account.", "ऐसा कोई खाता नहीं है।"),
    "51": Text(
        "The bank has not completed its check of the holder's identity (KYC).",
        "बैंक ने खाताधारक की पहचान की जाँच (केवाईसी) पूरी नहीं की है।",
    ),
    "52": Text(
        "The holder is no longer a minor and must give new documents to the bank.",
        "खाताधारक अब बालिग है और उसे बैंक में नए दस्तावेज़ देने होंगे।",
    ),
    "53": Text(
        "The account is inoperative, because it was not used for a long time.",
        "लंबे समय से लेन-देन न होने के कारण खाता निष्क्रिय है।",
    ),
    "54": Text(
        "The account is dormant, because it was not used.",
        "लेन-देन न होने के कारण खाता सुप्त है।",
    ),
    "57": Text(
        "The amount is above the limit for one transaction of this account.",
        "राशि इस खाते के एक लेन-देन की सीमा से अधिक है।",
    ),
    "58": Text(
        "The amount is above the total limit of this account.",
        "राशि इस खाते की कुल सीमा से अधिक है।",
    ),
    "60": Text(
        "According to the bank, the holder has died.",
        "बैंक के अनुसार खाताधारक की मृत्यु हो चुकी है।",
    ),
    "62": Text(
        "The account is subject to a court case.", "खाता न्यायालय में विचाराधीन मामले के अधीन है।"
    ),
    "68": Text("The account is blocked or frozen.", "खाते पर रोक लगी हुई है।"),
}
"""The text of each return code of NPCI."""


@strawberry.type(description="Why a bank returned a payment.")
class ReturnReason:
    NOT_PERSONAL: ClassVar = frozenset({"code"})

    code: str = field(description="Return code of NPCI, as the department sent it.")

    @strawberry.field(
        description="What the code means. Null if the hub does not know the code.",
        metadata=reads("code"),
    )
    def description(self, lang: LanguageArgument = Language.EN) -> str | None:
        text = RETURN_REASONS.get(self.code.lstrip("0"))
        return text.in_language(lang) if text else None
