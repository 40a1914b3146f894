"""The command line's options."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORTS = {
    "population": 9100,
    "registry": 9101,
    "pensions": 9102,
    "scholarships": 9103,
    "certificates": 9104,
    "helpdesk": 9105,
    "civil-registration": 9106,
    "post-matric": 9112,
    "employment": 9113,
    "labour": 9110,
    "labour-welfare": 9111,
    "trade-licences": 9114,
    "water": 9107,
    "food": 9108,
    "power": 9109,
}
CONTROL_PORTS = {
    "certificates": 9119,
    "civil-registration": 9120,
    "post-matric": 9121,
    "employment": 9122,
}
"""Of the mocks that speak no HTTP themselves."""
DEFAULT_CITIZENS = 2000
DEFAULT_SEED = 20261124


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; `control_port` and `data_dir` are for `CONTROL_PORTS`."""

    name: str
    host: str
    port: int
    control_port: int
    citizens: int
    seed: int
    data_dir: Path | None


def parse(arguments: Sequence[str] | None) -> Options:
    """Reads the command line; argparse ends the process on a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m mocks", description="Starts one mock department system."
    )
    parser.add_argument("name", choices=tuple(DEFAULT_PORTS), help="which mock")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (%(default)s)")
    parser.add_argument("--port", type=int, help="0 takes a free port (9100 to 9114 by name)")
    parser.add_argument("--citizens", type=int, default=DEFAULT_CITIZENS, help="%(default)s")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="%(default)s")
    parser.add_argument("--data-dir", type=Path, help="where a database or files are kept")
    parser.add_argument(
        "--control-port",
        type=int,
        help="port of the control API of a mock without HTTP (9119 to 9122; 0 takes any)",
    )
    given = parser.parse_args(arguments)
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
    )
