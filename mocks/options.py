"""The command line's options."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mocks.welcome import about

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
}
CONTROL_PORTS = {
    "certificates": 9119,
    "civil-registration": 9120,
    "post-matric": 9121,
    "employment": 9122,
}
"""Of the mocks that speak no HTTP themselves."""
DESCRIPTION = """\
Starts one mock department system and says in one line of JSON where it is. It runs until it is
stopped with Ctrl+C. Its address (that of its switches, if it speaks no HTTP itself) shows in a
browser how to ask it, and how to make it misbehave."""
TLS = "mtls"
"""The front that makes a mock's port speak TLS."""
NEED_CERTIFICATES = (TLS, "signature")
DEFAULT_CITIZENS = 2000
DEFAULT_SEED = 20261124


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    `control_port` is for `CONTROL_PORTS` and mocks that speak TLS, `data_dir` for the former and
    for certificates.
    """

    name: str
    host: str
    port: int
    control_port: int
    citizens: int
    seed: int
    data_dir: Path | None
    fronts: tuple[str, ...]


def _line(name: str) -> str:
    control = f" (switches: {CONTROL_PORTS[name]})" if name in CONTROL_PORTS else ""
    return f"  {name:<19} {DEFAULT_PORTS[name]}  {about(name)}{control}"


def parse(arguments: Sequence[str] | None) -> Options:
    """Reads the command line; argparse ends the process on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m mocks",
        description=DESCRIPTION,
        epilog="mocks:\n" + "\n".join(map(_line, DEFAULT_PORTS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name", choices=tuple(DEFAULT_PORTS), metavar="NAME", help="which mock, of those below"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, help="0 takes a free port; else that of the list below")
    parser.add_argument(
        "--citizens",
        type=int,
        default=DEFAULT_CITIZENS,
        help="how many made-up people it holds (%(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        help="the same number makes the same people, at all mocks (%(default)s)",
    )
    parser.add_argument(
        "--data-dir", type=Path, help="where a database or files are kept; temporary when not given"
    )
    parser.add_argument(
        "--control-port",
        type=int,
        help="port of the switches of a mock that speaks no HTTP itself; 0 takes any",
    )
    parser.add_argument(
        "--front",
        action="append",
        default=[],
        metavar="FRONT",
        help="what stands before it (docs/fronts.md); repeatable, the outermost first",
    )
    given = parser.parse_args(arguments)
    if given.front:
        _check_fronts(parser, given.name, given.front, given.data_dir)
    port = DEFAULT_PORTS[given.name] if given.port is None else given.port
    # Who asks for any port does not want a fixed one beside it.
    control_port = CONTROL_PORTS.get(given.name, 0) if port else 0
    return Options(
        name=given.name,
        host=given.host,
        port=port,
        control_port=control_port if given.control_port is None else given.control_port,
        citizens=given.citizens,
        seed=given.seed,
        data_dir=given.data_dir,
        fronts=tuple(given.front),
    )


def _check_fronts(
    parser: argparse.ArgumentParser, name: str, wanted: Sequence[str], data_dir: Path | None
) -> None:
    # Most mocks have no front, and start without what fronts need.
    from mocks.fronts import fronts_of

    known = fronts_of(name)
    for each in wanted:
        if each not in known:
            told = "".join(f"\n  {front:<15} {does}" for front, does in known.items())
            parser.error(f"{name} has no front {each!r}; it can have{told or ' none'}")
        if each in NEED_CERTIFICATES and data_dir is None:
            parser.error(f"the front {each} needs --data-dir, for the certificates that it makes")
