"""What the code names, the documentation explains."""

from pathlib import Path

import pytest

from hub.observe import Metrics
from hub.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"| `HUB_{setting.upper()}` |" in (DOCS / "settings.md").read_text()


def test_every_metric_is_documented() -> None:
    metrics = Metrics()
    metrics.department("forest")
    page = (DOCS / "operations.md").read_text()
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.registry.collect()
        if family.name.startswith("hub_")
    }
    assert names == {name for name in names if f"| `{name}` |" in page}
    assert len(names) > 10
