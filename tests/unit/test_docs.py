"""What the code names, the documentation explains."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from adapters.contract import DepartmentError
from adapters.manifest.limits import Limits, MaintenanceWindow
from hub.observe import Metrics
from hub.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"| `HUB_{setting.upper()}` |" in (DOCS / "settings.md").read_text()


def keys_of(model: type[BaseModel], place: str) -> Iterator[str]:
    """As a manifest's reader would name them, `limits.breaker.window`."""
    for name, field in model.model_fields.items():
        key = f"{place}.{field.alias or name}"
        kinds = (field.annotation, *get_args(field.annotation))
        nested = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if nested:
            yield from keys_of(nested[0], key)
        else:
            yield key


LIMITS = [*keys_of(Limits, "limits"), *keys_of(MaintenanceWindow, "maintenance")]


@pytest.mark.parametrize("key", LIMITS)
def test_every_limit_of_a_manifest_is_documented(key: str) -> None:
    heads = [
        line.split("|")[1]
        for line in (DOCS / "manifest.md").read_text().splitlines()
        if "|" in line
    ]
    assert any(f"`{key}`" in head for head in heads)


def test_the_limits_are_all_found() -> None:
    assert {"limits.cache.stale", "limits.breaker.window", "maintenance.from"} <= set(LIMITS)


def kinds_of(error: type[DepartmentError]) -> Iterator[type[DepartmentError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from kinds_of(kind)


@pytest.mark.parametrize("code", sorted({kind.code_name for kind in kinds_of(DepartmentError)}))
def test_every_departments_error_is_documented(code: str) -> None:
    assert f"| `{code}` |" in (DOCS / "errors.md").read_text()


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
