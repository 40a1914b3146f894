"""Comparison of names over scripts, spellings, titles and word order."""

from itertools import combinations

import pytest

from hub.federation.names import AGREEMENT, district_keys, name_keys, score_of_keys, transliterate
from mocks.population.names import MEN, SURNAMES, WIVES_SURNAMES, WOMEN

NAMES = (*MEN, *WOMEN, *SURNAMES, *WIVES_SURNAMES)


def score(one: str, other: str) -> float:
    return score_of_keys(name_keys(one), name_keys(other))


@pytest.mark.parametrize("name", NAMES, ids=lambda name: str(name.latin))
def test_a_name_agrees_with_itself_in_the_other_script(name: tuple[str, str]) -> None:
    assert score(*name) == 100


def test_different_names_with_as_many_words_disagree() -> None:
    for one, other in combinations(NAMES, 2):
        for name in (other.latin, other.devanagari):
            if len(one.latin.split()) == len(name.split()):
                assert score(one.latin, name) <= 80, (one, name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAM DEVI", "ram  devi"),
        ("RAM DEVI", "Devi Ram"),
        ("RAM DEVI", "Smt. Ram Devee"),
        ("RAM DEVI", "श्रीमती राम देवी"),
        ("RAM DEVI", "RAMDEVI"),
        ("RAM DEVI W/O HARI SINGH", "राम देवी"),
        ("SURESH KUMAR", "Sh. Suresh Kumaar"),
        ("SURESH KUMAR", "SURESH KR."),
        ("HARI SINGH", "W/O LATE HARI SINGH"),
        ("HARI SINGH", "पत्नी स्व. हरि सिंह"),
        ("HARI SINGH JI", "हरि सिंह"),
        ("CHOUDHARY", "चौधरी"),
        ("Mohd. Aslam", "मोहम्मद असलम"),
        ("Laxmi", "लक्ष्मी"),
        ("Gyan", "ज्ञान"),
        ("Surender", "सुरेन्द्र"),
        ("Mishra", "मिश्र"),
        ("Jangra", "जांगड़ा"),
    ],
)
def test_spellings_of_one_name_agree_fully(one: str, other: str) -> None:
    assert score(one, other) == score(other, one) == 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAM", "RAM DEVI"),
        ("R. DEVI", "RAM DEVI"),
        ("Surinder", "सुरेन्द्र"),
        ("KRISHAN LAL HOODA", "कृष्ण लाल हुड्"),
    ],
)
def test_an_initial_a_missing_word_a_near_spelling_and_a_cut_name_agree_in_part(
    one: str, other: str
) -> None:
    assert AGREEMENT <= score(one, other) < 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RAM DEVI", "रामो देवी"),
        ("RAM DEVI", "RAMO DEVI"),
        ("RAM DEVI", "HARI SINGH"),
        ("SURESH KUMAR", "SURESH SINGH"),
        ("SURESH KUMAR", "RAMESH KUMAR"),
        ("ANKIT", "अंकिता"),
        ("S KUMAR", "RAMESH KUMAR"),
    ],
)
def test_names_of_different_people_disagree(one: str, other: str) -> None:
    assert score(one, other) < AGREEMENT


@pytest.mark.parametrize("name", ["ਰਾਮ ਦੇਵੀ", "رام", "", "  ", "-"])
def test_a_name_in_another_script_is_not_compared(name: str) -> None:
    assert name_keys(name) == ()


def test_letters_with_two_encodings_are_transliterated_alike() -> None:
    assert transliterate("जांगड\u093cा") == transliterate("जांगड़ा") == "jaangaraa"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Karnal", "जिला करनाल"), ("HISSAR", "Hisar"), ("Gurgaon", "गुरुग्राम"), ("Distt. Jind", "JIND")],
)
def test_districts_with_several_names_agree(one: str, other: str) -> None:
    assert score_of_keys(district_keys(one), district_keys(other)) == 100
