"""The documentation mentions every setting, key, error code and metric."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from adapters.connectors.filters import FILTERS
from adapters.connectors.graphql import GraphqlCall, GraphqlSettings
from adapters.connectors.http.settings import (
    ApiKeyAuth,
    BasicAuth,
    HmacAuth,
    LoginRule,
    OAuth2Auth,
    PagesRule,
    ProxySettings,
    SessionAuth,
    TimestampRule,
    TlsSettings,
)
from adapters.connectors.rest import RestCall, RestSettings
from adapters.connectors.rest.settings import EnvelopeRule, EtagsRule
from adapters.connectors.rest.xroad import XRoadRestSettings
from adapters.contract import DepartmentError
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.mapping.rules import StrictModel
from adapters.workbench.json_schema import FILES
from hub.observe import Metrics
from hub.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented(setting: str) -> None:
    assert f"| `HUB_{setting.upper()}` |" in (DOCS / "settings.md").read_text()


def test_every_variable_in_the_manifests_is_documented() -> None:
    manifests = (DOCS.parent / "adapters" / "departments").glob("*/*.yaml")
    variables = {
        name for file in manifests for name in re.findall(r"\$\{env:(HUB_\w+)", file.read_text())
    }
    page = (DOCS / "settings.md").read_text()
    assert variables == {name for name in variables if f"`{name}`" in page}
    assert len(variables) > 10


def keys_of(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the paths of the model's keys, such as `limits.breaker.window`."""
    for name, field in model.model_fields.items():
        key = f"{prefix}.{field.alias or name}"
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


def test_nested_limits_are_found() -> None:
    assert {"limits.cache.stale", "limits.breaker.window", "maintenance.from"} <= set(LIMITS)


def kinds_of(error: type[DepartmentError]) -> Iterator[type[DepartmentError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from kinds_of(kind)


@pytest.mark.parametrize("code", sorted({kind.code_name for kind in kinds_of(DepartmentError)}))
def test_every_error_of_a_department_is_documented(code: str) -> None:
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


HTTP_MODELS = (
    RestSettings,
    RestCall,
    EnvelopeRule,
    EtagsRule,
    PagesRule,
    GraphqlSettings,
    GraphqlCall,
    ApiKeyAuth,
    BasicAuth,
    OAuth2Auth,
    HmacAuth,
    TimestampRule,
    SessionAuth,
    LoginRule,
    ProxySettings,
    TlsSettings,
    XRoadRestSettings,
)


@pytest.mark.parametrize("model", HTTP_MODELS, ids=lambda model: model.__name__)
def test_every_key_of_http_departments_is_documented(model: type[StrictModel]) -> None:
    page = (DOCS / "manifest.md").read_text()
    words = {
        word for quoted in re.findall(r"`([^`\n]+)`", page) for word in re.split(r"\W+", quoted)
    }
    assert set(model.model_fields) - words == set()


def models_in(annotation: Any) -> Iterator[type[StrictModel]]:
    """Yield the models of a manifest. Other tests check those of connectors and limits."""
    if isinstance(annotation, type) and issubclass(annotation, StrictModel):
        if annotation.__module__.startswith(("adapters.connectors", "adapters.manifest.limits")):
            return
        yield annotation
        for field in annotation.model_fields.values():
            if field.annotation is not annotation:
                yield from models_in(field.annotation)
        extra = annotation.__annotations__.get("__pydantic_extra__")
        yield from models_in(extra) if extra is not None else ()
    for each in get_args(annotation):
        yield from models_in(each)


MODELS = sorted(
    {each for model in FILES.values() for each in models_in(model)}, key=lambda each: each.__name__
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_a_manifest_is_documented(model: type[StrictModel]) -> None:
    page = (DOCS / "manifest.md").read_text()
    keys = [field.alias or name for name, field in model.model_fields.items()]
    quoted = set(re.findall(r"`[^`\n]*`", page))
    words = {word for each in quoted for word in re.findall(r"\w+", each)}
    assert set(keys) <= words


def test_the_models_of_a_manifest_are_found() -> None:
    assert {"FieldRule", "SplitRule", "RecordModel", "CodeTableModel", "ServiceModel"} <= {
        model.__name__ for model in MODELS
    }


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_is_documented(name: str) -> None:
    page = (DOCS / "manifest.md").read_text()
    assert re.search(rf"`{name}\b", page.partition("## Field rules")[0])
