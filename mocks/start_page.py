"""The page that a mock shows at `/`: what it is, how to call it, which faults it has."""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass

from mocks.faults import FAULTS


def about(name: str) -> str:
    """Return the first line of the mock's package docstring."""
    package = importlib.import_module(f"mocks.{name.replace('-', '_')}")
    return (package.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True, slots=True)
class StartPage:
    """The content of the page.

    Attributes:
        name: name of the mock.
        url: address of the department.
        control: URL of the control API.
        citizens: size of the population.
        examples: shell commands that call it, with `{url}` for its address.
    """

    name: str
    url: str
    control: str
    citizens: int
    examples: tuple[str, ...]

    def page(self, switches: Iterable[str], *, receives: bool = False) -> str:
        """Return the page as plain text.

        Args:
            switches: names of the fault switches.
            receives: True if the mock receives submissions.
        """
        calls = "\n".join(f"  {each.replace('{url}', self.url)}" for each in self.examples)
        known = [f"  {name:<21} {FAULTS[name].does}" for name in switches]
        faults = (
            "Switch faults on and off (docs/faults.md):\n"
            f"  curl -X PUT {self.control}/faults -d '{{\"{known[0].split()[0]}\": 1}}'\n"
            f"  curl -X DELETE {self.control}/faults\n\n"
            "With a fault switched on, the department ...\n" + "\n".join(known)
            if known
            else "It has no fault switches."
        )
        return (
            f"{self.name}: {about(self.name)}\n"
            f"This is a mock: all of its {self.citizens} citizens are invented.\n\n"
            f"Call it:\n{calls}\n\n"
            f"Show how often it was called:\n  curl {self.control}/calls\n\n"
            f"{self._submissions() if receives else ''}"
            f"{faults}\n"
        )

    def _submissions(self) -> str:
        return (
            "Show and forget what it has received, and let three days pass:\n"
            f"  curl {self.control}/submissions\n"
            f"  curl -X DELETE {self.control}/submissions\n"
            f'  curl -X POST {self.control}/clock -d \'{{"advance": "3d"}}\'\n\n'
        )
