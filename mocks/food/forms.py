"""Checks of new applications for ration cards. Refusals are texts in upper case."""

from collections.abc import Mapping

CATEGORIES = frozenset({"OPH", "PHH", "AAY"})
ADDRESS_BYTES = 250
SHOP_BYTES = 60


def refusal(form: Mapping[str, str]) -> str | None:
    """Return why a form is refused; None if it is accepted.

    Args:
        form: texts by name of the argument.
    """
    members = form["members"]
    if form["category"] not in CATEGORIES:
        return f"INVALID CATEGORY {form['category']}"
    if not members.isdecimal() or not 1 <= int(members) <= 30:
        return "MEMBERS SHOULD BE 1 TO 30"
    if not form["address"]:
        return "ADDRESS IS BLANK"
    if len(form["address"].encode()) > ADDRESS_BYTES:
        return f"ADDRESS LONGER THAN {ADDRESS_BYTES} BYTES"
    if len(form["shop"].encode()) > SHOP_BYTES:
        return f"SHOP LONGER THAN {SHOP_BYTES} BYTES"
    return None
