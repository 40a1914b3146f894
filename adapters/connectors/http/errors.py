"""A department's own words of failure, made fit to be shown."""

import re

from schema.errors import DepartmentFault

LONGEST = 200
_LONG_NUMBERS = re.compile(r"\d(?:[\d/ -]{3,}\d)")


def fault_of(code: object, string: object, detail: dict[str, str] | None = None) -> DepartmentFault:
    """Bounds what the department said and masks numbers of five digits and more in it."""
    return DepartmentFault(
        code=_shown(code) or "UNKNOWN",
        string=_shown(string),
        detail={_shown(name) or "": _shown(value) or "" for name, value in detail.items()}
        if detail
        else None,
    )


def _shown(said: object) -> str | None:
    if said is None:
        return None
    squeezed = " ".join(str(said).split())
    return _LONG_NUMBERS.sub("…", squeezed)[:LONGEST] or None
