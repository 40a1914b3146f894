"""The notice that a citizen reads before consenting, in both languages (DPDP Act, section 5)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schema.access_record import LoggedRole
from schema.labels import label_of
from schema.language import Language, Text
from schema.personal import FieldClass

INDIA = ZoneInfo("Asia/Kolkata")
DAY_SECONDS = 86_400

REQUEST = Text(
    "{who} requests your consent to see: {data}. Purpose: {purpose}. Departments: {departments}. "
    "The consent ends by itself {until}. You can refuse it, or withdraw it at any time.",
    "{who} को आपकी यह जानकारी देखने के लिए आपकी सहमति चाहिए: {data}। प्रयोजन: {purpose}। "
    "विभाग: {departments}। सहमति {until} अपने आप समाप्त होगी। "
    "आप मना कर सकते हैं या सहमति कभी भी वापस ले सकते हैं।",
)
OPERATOR = Text("An operator of the service centre {name}", "सेवा केंद्र {name} के ऑपरेटर")
OFFICER = Text("An officer of {name}", "{name} के अधिकारी")
MINUTES_LATER = Text("{number} minutes after you give it", "देने के {number} मिनट बाद")
DAYS_LATER = Text("{number} days after you give it", "देने के {number} दिन बाद")
AT = Text("on {moment}", "{moment} को")


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """What the notice says.

    Attributes:
        role: role of the requester.
        department: name of the requester's department.
        centre: name of the requester's service centre.
        purpose: title of the purpose.
        departments: names of the departments that the data comes from.
        classes: the classes of data.
        seconds: how long the consent is valid.
        expires: when it expires; None before it is given.
    """

    role: LoggedRole
    department: Text | None
    centre: Text | None
    purpose: Text
    departments: Sequence[Text]
    classes: Sequence[FieldClass]
    seconds: int
    expires: dt.datetime | None


def consent_text(facts: ConsentFacts, lang: Language) -> str:
    """Return the notice in a language."""
    return REQUEST.in_language(lang).format(
        who=_requester(facts, lang),
        purpose=facts.purpose.in_language(lang),
        data=", ".join(label_of(each, lang) for each in facts.classes),
        departments=", ".join(each.in_language(lang) for each in facts.departments),
        until=_end(facts, lang),
    )


def _requester(facts: ConsentFacts, lang: Language) -> str:
    for template, name in ((OPERATOR, facts.centre), (OFFICER, facts.department)):
        if name is not None:
            return template.in_language(lang).format(name=name.in_language(lang))
    return label_of(facts.role, lang)


def _end(facts: ConsentFacts, lang: Language) -> str:
    if facts.expires is not None:
        moment = facts.expires.astimezone(INDIA)
        return AT.in_language(lang).format(moment=f"{moment:%d-%m-%Y %H:%M}")
    if facts.seconds % DAY_SECONDS:
        return MINUTES_LATER.in_language(lang).format(number=facts.seconds // 60)
    return DAYS_LATER.in_language(lang).format(number=facts.seconds // DAY_SECONDS)
