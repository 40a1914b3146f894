"""The words of catalogue searches: their folding, words that are ignored, and other words.

A word is folded to its *sound key* (`hub.federation.names`), so that spellings and scripts of one
word are equal: `शादी`, `shaadi` and `shadi`, or `pension`, `pention` and `पेंशन`.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from hub.federation.names import sound_key, transliterate
from schema.service import Audience, LifeEvent

_WORD = re.compile(r"[^\W_]+")
# Sounds that the folding of names does not know: of English words, and of ढ़ (padhai, parhai).
_OTHER_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?<=.)(?:sh|t|s|ss)i?[oa]n$", "shn"),
        (r"c(?=[eiy])", "s"),
        (r"(?<=..[^aeiou])e$", ""),
        (r"(?<=.)rh", "dh"),
    )
)


def words_in(text: str) -> list[str]:
    """Return the words of a text in lower-case Latin letters, without a plural `s`."""
    latin = unicodedata.normalize("NFKD", transliterate(text)).casefold()
    latin = "".join(letter for letter in latin if not unicodedata.combining(letter))
    return [_singular(word) for word in _WORD.findall(latin)]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    # Hindi words end in `as`: niwas, vikas.
    if len(word) > 3 and word.endswith("s") and not word.endswith(("as", "is", "ss", "us")):
        return word[:-1]
    return word


@lru_cache(maxsize=4096)
def key_of(word: str) -> str:
    """Return the sound key of a word of `words_in`."""
    for pattern, sound in _OTHER_SOUNDS:
        word = pattern.sub(sound, word)
    # Some people write b for v: bidhva, byah.
    return sound_key(word).replace("v", "b")


IGNORED = frozenset(
    words_in(
        "a an the this that of for to in on at by from with and or as is am are be was has have do "
        "does can i we you my our your me us it how what where which who when get want need give "
        "please make made after about going apply applying application "
        "ka ki ke ko se me mein men par pe hai hain ho hona hua hui gaya gai gayi kaise kese kya "
        "kahan kab liye lie kar karna karne karen kare karo karana mujhe mera meri mere hamara "
        "apna apni apne chahiye banana banane banaye banvana banwana banvane banwane "
        "banvaye banwaye aavedan avedan "
        "का की के को से में पर है हैं हो होना हुआ हुई गया गई कैसे क्या कहाँ कब लिए कर करना करने करें "
        "मुझे मेरा मेरी मेरे अपना अपनी अपने चाहिए बनाना बनवाना बनवाने बनवाएं बनवाएँ आवेदन"
    )
)
"""Words of a search that say nothing about the service."""

WEAK = frozenset(
    words_in("new naya nayi naye nai scheme yojana yojna government sarkari service seva online "
             "department vibhag haryana नया नई नए योजना सरकारी सेवा विभाग हरियाणा")
)  # fmt: skip
"""Words that many services have: a service need not match them if the search has others."""

LIFE_EVENT_WORDS: Mapping[LifeEvent, str] = {
    LifeEvent.BIRTH: "baby child children born pregnancy delivery शिशु बच्चा नवजात पैदा गर्भवती",
    LifeEvent.EDUCATION: "study education student exam पढ़ाई शिक्षा विद्यालय पाठशाला छात्र",
    LifeEvent.WORK: "job unemployed unemployment employment worker नौकरी रोजगार बेरोजगार मजदूर काम",
    LifeEvent.BUSINESS: "business shop company open start व्यवसाय व्यापार दुकान कारोबार धंधा",
    LifeEvent.MARRIAGE: "marriage married wedding bride groom शादी विवाह ब्याह निकाह दूल्हा दुल्हन",
    LifeEvent.NEW_HOME: "house home flat moving building घर मकान निर्माण",
    LifeEvent.LAND: "land property plot inheritance farm ज़मीन भूमि खेत संपत्ति विरासत",
    LifeEvent.LOW_INCOME: "poor poverty hardship bpl गरीब गरीबी बीपीएल",
    LifeEvent.DISABILITY: "disabled disability handicapped blind deaf दिव्यांग विकलांग अपंग",
    LifeEvent.OLD_AGE: "old elderly retired retirement senior बुढ़ापा बुजुर्ग वृद्ध वृद्धावस्था",
    LifeEvent.DEATH: "died dead death passed funeral widow मौत मृत्यु देहांत निधन मरना",
}
"""What people call a life event, beside its labels."""

AUDIENCE_WORDS: Mapping[Audience, str] = {
    Audience.SENIOR_CITIZEN: "senior elderly बुजुर्ग वृद्ध",
    Audience.WOMAN: "woman women female lady महिला औरत स्त्री",
    Audience.PERSON_WITH_DISABILITY: "disabled handicapped दिव्यांग विकलांग",
    Audience.STUDENT: "student pupil छात्र छात्रा विद्यार्थी",
    Audience.FAMILY: "family परिवार",
}
"""What people call an audience. All residents have no word of their own."""
