"""Every key of a SOAP department and of its calls is explained in docs/manifest.md."""

from pathlib import Path

import pytest

from adapters.connectors.soap import SoapCall, SoapSettings
from adapters.connectors.soap.outcome import OutcomeRule
from adapters.connectors.soap.packed_text import PackedField
from adapters.connectors.soap.security import SecurityRule
from adapters.connectors.soap.settings import SessionRule
from adapters.connectors.soap.xroad import XRoadRule
from mocks.faults.catalogue import QUIRKS

DOCS = Path(__file__).parents[2] / "docs"
SECTION = (DOCS / "manifest.md").read_text().partition("\n## SOAP\n")[2].partition("\n## ")[0]
MODELS = (SoapSettings, SoapCall, SessionRule, SecurityRule, XRoadRule)


@pytest.mark.parametrize(
    "key", sorted({name for model in MODELS for name in model.model_fields} - {"kind"})
)
def test_every_key_is_in_a_table(key: str) -> None:
    first_cells = {line.split("|")[1] for line in SECTION.splitlines() if line.startswith("| `")}
    assert any(f"`{key}`" in cell for cell in first_cells)


@pytest.mark.parametrize(
    "key", [*OutcomeRule.model_fields, *(name.strip("_") for name in PackedField.model_fields)]
)
def test_every_key_is_in_an_example(key: str) -> None:
    examples = SECTION.split("```")[1::2]
    assert any(f"{key}:" in example for example in examples)


@pytest.mark.parametrize("quirk", QUIRKS)
def test_every_quirk_is_explained(quirk: str) -> None:
    assert f"| `{quirk}` |" in (DOCS / "faults.md").read_text()
