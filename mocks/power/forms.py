"""Checks of new connections and appeals. Oracle reports texts that are too long for a column."""

from mocks.soap.calls import RpcFaultError

COLUMN_BYTES = {"applicantName": 60, "address": 200, "grounds": 4000}
COLUMNS = {"applicantName": "APPL_NAME", "address": "PREM_ADDR", "grounds": "APPEAL_TXT"}
AREAS = frozenset("MUR")
PURPOSES = frozenset("DC")
LEVELS = frozenset("FS")
MOST_KW = 50


def check_length(name: str, text: str) -> None:
    """Check that a text fits into its column.

    Raises:
        RpcFaultError: it is too long.
    """
    size, most = len(text.encode()), COLUMN_BYTES[name]
    if size > most:
        raise RpcFaultError(
            "Server.userException",
            f'java.sql.SQLException: ORA-12899: value too large for column "PWR"."{COLUMNS[name]}" '
            f"(actual: {size}, maximum: {most})",
        )


def refusal(form: dict[str, str]) -> str | None:
    """Return why a new connection is refused; None if it is accepted.

    Args:
        form: texts by name of the argument.
    """
    if not form["applicantName"] or not form["address"]:
        return "Name and address are mandatory"
    if form["category"] != "LT":
        return f"Category {form['category']} is not open to consumers"
    try:
        load = float(form["loadKw"])
    except ValueError:
        return "Load is not a number"
    if not 0 < load <= MOST_KW:
        return f"Load above {MOST_KW} KW needs a high tension connection"
    if form["area"] not in AREAS or form["purpose"] not in PURPOSES:
        return "Area or purpose is not valid"
    return None
