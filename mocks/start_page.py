"""The page that a mock shows at `/` to who comes without knowing it."""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass

from mocks.faults import FAULTS


def about(name: str) -> str:
    """What a mock is, in the first sentence of its package."""
    package = importlib.import_module(f"mocks.{name.replace('-', '_')}")
    return (package.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True, slots=True)
class StartPage:
    """What the page tells.

    Attributes:
        name: of the mock.
        url: where the department is.
        control: where its control API is.
        citizens: how many people it holds.
        examples: commands that ask it, with `{url}` for where it is.
    """

    name: str
    url: str
    control: str
    citizens: int
    examples: tuple[str, ...]

    def page(self, switches: Iterable[str]) -> str:
        """Plain text."""
        asked = "\n".join(f"  {each.replace('{url}', self.url)}" for each in self.examples)
        known = [f"  {name:<21} {FAULTS[name].does}" for name in switches]
        misbehaves = (
            "How to make it misbehave (docs/faults.md):\n"
            f"  curl -X PUT {self.control}/faults -d '{{\"{known[0].split()[0]}\": 1}}'\n"
            f"  curl -X DELETE {self.control}/faults\n" + "\n".join(known)
            if known
            else "It plays no faults."
        )
        return (
            f"{self.name}: {about(self.name)}\n"
            f"A mock: all of its {self.citizens} citizens are made up.\n\n"
            f"How to ask it:\n{asked}\n\n"
            f"What it was asked:\n  curl {self.control}/calls\n\n"
            f"{misbehaves}\n"
        )
