"""Recognises keys and criteria of clients that no department can have or receive.

Control characters, surrogates and very long texts can't be written into XML, URLs or SQL. The hub
handles them before a call, so that they are never reported as the department's failure.
"""

import re
from collections.abc import Mapping

from schema.errors import bad_input

MOST_CHARACTERS = 200
_UNSENDABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_FIRST_LETTER = re.compile("_([a-z])")


def may_exist(key: str) -> bool:
    """Return False for a key that no record has."""
    return 0 < len(key) <= MOST_CHARACTERS and _UNSENDABLE.search(key) is None


def check_criteria(criteria: Mapping[str, object]) -> None:
    """Check the texts among the criteria of a search.

    Raises:
        HubError: `BAD_USER_INPUT`, a text is too long or has a control character.
    """
    for name, value in criteria.items():
        if not isinstance(value, str):
            continue
        argument = _FIRST_LETTER.sub(lambda match: match[1].upper(), name)
        if len(value) > MOST_CHARACTERS:
            raise bad_input(
                f"`{argument}` has {len(value):,} characters. The limit is {MOST_CHARACTERS}."
            )
        if found := _UNSENDABLE.search(value):
            raise bad_input(
                f"`{argument}` contains the character U+{ord(found[0]):04X}, which no department "
                "can receive. Remove it."
            )
