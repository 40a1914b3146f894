"""The options of `python -m mocks NAME`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mocks.start_page import about

DEFAULT_PORTS = {
    "population": 9100,
    "registry": 9101,
    "pensions": 9102,
    "scholarships": 9103,
    "certificates": 9104,
    "helpdesk": 9105,
    "civil-registration": 9106,
    "water": 9107,
    "food": 9108,
    "power": 9109,
    "labour": 9110,
    "labour-welfare": 9111,
    "post-matric": 9112,
    "employment": 9113,
    "trade-licences": 9114,
    "identity": 9115,
    "sms": 9116,
}
NOT_DEPARTMENTS = frozenset({"population", "identity", "sms"})
"""Mocks that the hub does not read citizens' records from."""
CONTROL_PORTS = {
    "certificates": 9119,
    "civil-registration": 9120,
    "post-matric": 9121,
    "employment": 9122,
}
"""Ports of the control API for mocks that do not speak HTTP on their own port."""
LAB_COMMANDS = {
    "start": "Start several mocks, each in its own process, until Ctrl+C.",
    "demo": "Start the mocks and a hub, and run example queries.",
    "faults": "Switch faults of running mocks on and off.",
    "chaos": "Make departments fail one after another, and check that each failure stays "
    "contained.",
}
"""Commands of `mocks.lab`: name and help text."""
DESCRIPTION = """\
Start one mock department system and print its addresses as one line of JSON. It runs until it is
stopped with Ctrl+C. Open `url` in a browser (`control`, if the mock does not speak HTTP) to see
how to call the mock and how to switch its faults on."""
TLS = "mtls"
"""The security profile that makes a mock's port speak TLS."""
NEED_CERTIFICATES = (TLS, "signature")
DEFAULT_CITIZENS = 2000
DEFAULT_SEED = 20261124


@dataclass(frozen=True, slots=True)
class MockOptions:
    """The parsed command line.

    Attributes:
        name: which mock to start.
        port: port of the department; 0 for a free one.
        control_port: port of the control API, for `CONTROL_PORTS` and for mocks that speak TLS.
        citizens: size of the population.
        seed: seed of the population and of random faults.
        data_dir: folder for a database, files or certificates; None for a temporary one.
        submissions: SQLite file for received submissions; None to keep them in memory.
        profiles: names of security profiles, the outermost first.
    """

    name: str
    host: str
    port: int
    control_port: int
    citizens: int
    seed: int
    data_dir: Path | None
    submissions: Path | None
    profiles: tuple[str, ...]


def _help_line(name: str) -> str:
    control = f" (control port {CONTROL_PORTS[name]})" if name in CONTROL_PORTS else ""
    return f"  {name:<19} {DEFAULT_PORTS[name]}  {about(name)}{control}"


def parse(arguments: Sequence[str] | None) -> MockOptions:
    """Parse the command line; on a mistake, print usage and exit with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m mocks",
        description=DESCRIPTION,
        epilog="mocks, with their default ports:\n"
        + "\n".join(map(_help_line, DEFAULT_PORTS))
        + "\n\nother commands (python -m mocks COMMAND --help):\n"
        + "\n".join(f"  {name:<8} {text}" for name, text in LAB_COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name", choices=tuple(DEFAULT_PORTS), metavar="NAME", help="a mock from the list below"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, help="port; 0 for a free one (default: see below)")
    parser.add_argument(
        "--citizens",
        type=int,
        default=DEFAULT_CITIZENS,
        help="number of invented citizens (%(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        help="the same seed gives the same citizens in all mocks (%(default)s)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="folder for databases, files and certificates (default: a temporary one)",
    )
    parser.add_argument(
        "--submissions",
        type=Path,
        metavar="FILE",
        help="SQLite file that keeps received submissions when the mock restarts",
    )
    parser.add_argument(
        "--control-port",
        type=int,
        help="port of the control API if the mock's own port does not speak HTTP; 0: a free one",
    )
    parser.add_argument(
        "--security-profile",
        action="append",
        default=[],
        dest="profiles",
        metavar="PROFILE",
        help="how the mock is protected (docs/security-profiles.md); repeatable, outermost first",
    )
    given = parser.parse_args(arguments)
    if given.profiles:
        _check_profiles(parser, given.name, given.profiles, given.data_dir)
    port = DEFAULT_PORTS[given.name] if given.port is None else given.port
    # With --port 0 use any free control port too, so that the same mock can run twice.
    control_port = CONTROL_PORTS.get(given.name, 0) if port else 0
    return MockOptions(
        name=given.name,
        host=given.host,
        port=port,
        control_port=control_port if given.control_port is None else given.control_port,
        citizens=given.citizens,
        seed=given.seed,
        data_dir=given.data_dir,
        submissions=given.submissions,
        profiles=tuple(given.profiles),
    )


def _check_profiles(
    parser: argparse.ArgumentParser, name: str, wanted: Sequence[str], data_dir: Path | None
) -> None:
    # Imported only when needed: most mocks have no profile and start faster without it.
    from mocks.security_profiles import profiles_of

    known = profiles_of(name)
    for each in wanted:
        if each not in known:
            choices = "".join(f"\n  {profile:<15} {does}" for profile, does in known.items())
            parser.error(f"{name} has no security profile {each!r}. Available:{choices or ' none'}")
        if each in NEED_CERTIFICATES and data_dir is None:
            parser.error(f"the security profile {each} needs --data-dir, to write certificates to")
