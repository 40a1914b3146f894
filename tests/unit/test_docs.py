"""What the code names, the documentation explains."""

import re
from pathlib import Path

import pytest

from adapters.connectors.auth import TlsSettings
from adapters.connectors.auth.settings import (
    ApiKeyAuth,
    BasicAuth,
    HmacAuth,
    LoginRule,
    OAuth2Auth,
    SessionAuth,
    TimestampRule,
)
from adapters.connectors.graphql import GraphqlCall, GraphqlSettings
from adapters.connectors.paging import PagesRule
from adapters.connectors.rest import RestCall, RestSettings
from adapters.connectors.rest.settings import EnvelopeRule, EtagsRule
from adapters.connectors.xroad import XRoadRestSettings
from adapters.mapping.rules import StrictModel
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
