"""`HUB_ENV=production` refuses what fits a demo only."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.manifest import find_departments
from hub.access.policy import load_policy
from hub.access.sign_in import load_issuers
from hub.production import ProductionError, check_production, unknown_variables
from hub.settings import Settings
from mocks.lab.hub_process import OPEN_POLICY
from tests.unit.token_issuers import issuer, write_issuers

SECRET = "3f8a0c6d9b1e47258c7d3e5f6a9b0c1d"
DEPARTMENT = """
connector:
  base_url: ${env:HUB_ROADS_URL:-http://127.0.0.1:9999}
  headers: {X-Api-Key: "${env:HUB_ROADS_API_KEY:-roads}"}
  poll: ${env:HUB_ROADS_POLL:-1m}
  ca: ${file:/etc/hub/ca.pem}
"""
SET = {"HUB_ROADS_URL": "https://roads.example.gov.in", "HUB_ROADS_API_KEY": SECRET}


@dataclass
class Configuration:
    """A configuration that is fit for production; tests change parts of it."""

    folder: Path
    settings: dict[str, Any] = field(
        default_factory=lambda: {
            "env": "production",
            "introspection": False,
            "admin_token": SECRET,
            "id_keys": SECRET,
            "database_url": f"postgresql+asyncpg://hub:{SECRET}@db.example.gov.in/hub",
            "attachments_url": "s3://documents/hub",
            "allowed_hosts": "hub.example.gov.in",
            "cors_origins": "https://portal.example.gov.in",
            "public_url": "https://hub.example.gov.in",
            "sms_url": "https://sms.example.gov.in",
        }
    )
    issuers: list[dict[str, Any]] = field(default_factory=lambda: [issuer()])
    environment: Mapping[str, str] = field(default_factory=lambda: SET)
    policy: Path | None = None

    def findings(self) -> str:
        """Return the reasons for which the hub does not start; empty if it does."""
        roads = self.folder / "roads"
        roads.mkdir(exist_ok=True)
        (roads / "department.yaml").write_text(DEPARTMENT)
        issuers = load_issuers(write_issuers(self.folder, *self.issuers)) if self.issuers else ()
        settings = Settings.model_validate(self.settings)
        try:
            check_production(settings, issuers, load_policy(self.policy), [roads], self.environment)
        except ProductionError as error:
            return str(error)
        return ""


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return Configuration(tmp_path)


def test_a_proper_configuration_is_accepted(configuration: Configuration) -> None:
    assert configuration.findings() == ""


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"access": "off"}, "HUB_ACCESS=off"),
        ({"introspection": True}, "HUB_INTROSPECTION is on"),
        ({"debug": True}, "HUB_DEBUG is on"),
        ({"access_log_required": False}, "HUB_ACCESS_LOG_REQUIRED=false"),
        ({"allowed_hosts": ""}, "HUB_ALLOWED_HOSTS is not set"),
        ({"attachments_url": None}, "HUB_ATTACHMENTS_URL is not set"),
        ({"database_url": "sqlite+aiosqlite:///citizen-hub.db"}, "HUB_DATABASE_URL is not set"),
        ({"public_url": "http://hub.example.gov.in"}, "HUB_PUBLIC_URL is not an https:// URL"),
        ({"sms_url": "http://127.0.0.1:9120"}, "HUB_SMS_URL is not an https:// URL"),
        ({"cors_origins": "http://portal.example"}, "HUB_CORS_ORIGINS has an origin"),
        ({"admin_token": "demo-admin-token-0123456789-abcdefghi"}, "HUB_ADMIN_TOKEN is a demo's"),
        ({"admin_token": "f3a9c1d7"}, "HUB_ADMIN_TOKEN has less than 32 characters"),
        ({"id_keys": f"{SECRET},made-up-secret-of-the-demo"}, "HUB_ID_KEYS is a demo's secret"),
        ({"cache_key": "demonstration-only-cache-key"}, "HUB_CACHE_KEY is a demo's secret"),
        (
            {"database_url": "postgresql+asyncpg://hub:demonstration-only@postgres/hub"},
            "HUB_DATABASE_URL has a demo's password",
        ),
    ],
)
def test_a_setting_for_a_demo_is_refused(
    configuration: Configuration, changes: dict[str, Any], finding: str
) -> None:
    configuration.settings |= changes
    assert finding in configuration.findings()


def test_sign_in_is_required(configuration: Configuration) -> None:
    configuration.issuers = []
    assert "HUB_ISSUERS is not set" in configuration.findings()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://127.0.0.1:9130"},
        {"issuer": "https://localhost:9130"},
        {"issuer": "http://id.example.gov.in"},
        {"jwks": None, "jwks_uri": "http://localhost:9130/jwks"},
    ],
)
def test_an_issuer_of_a_demo_is_refused(
    configuration: Configuration, changes: dict[str, Any]
) -> None:
    configuration.issuers = [issuer(**changes)]
    assert "is not a provider for production" in configuration.findings()


def test_a_policy_that_grants_everything_is_refused(configuration: Configuration) -> None:
    configuration.policy = OPEN_POLICY
    assert "shows everybody's data to a role" in configuration.findings()


def test_the_mocks_addresses_and_credentials_are_refused(configuration: Configuration) -> None:
    configuration.environment = {}
    findings = configuration.findings()
    file = configuration.folder / "roads" / "department.yaml"
    assert "HUB_ROADS_URL is not set: the hub would call this machine" in findings
    assert f"({file}:3)" in findings
    assert f"HUB_ROADS_API_KEY has the value of the demo ({file}:4)" in findings
    assert "HUB_ROADS_POLL" not in findings
    # The value of the demo is refused also where it was set.
    configuration.environment = {**SET, "HUB_ROADS_API_KEY": "roads"}
    assert "HUB_ROADS_API_KEY has the value of the demo" in configuration.findings()


def test_no_finding_contains_a_secret(configuration: Configuration) -> None:
    configuration.settings |= {
        "admin_token": "demo-s3cr3t",
        "cache_key": "example-s3cr3t-value-0",
        "database_url": "postgresql+asyncpg://hub:test-s3cr3t@db/hub",
    }
    findings = configuration.findings()
    assert findings.count("demo's") == 3
    assert "s3cr3t" not in findings


def test_every_built_in_department_needs_its_address(configuration: Configuration) -> None:
    folders = find_departments()
    with pytest.raises(ProductionError) as caught:
        check_production(Settings(), (), load_policy(None), folders, {})
    findings = str(caught.value)
    for name in ("PENSIONS", "REGISTRY", "CERTIFICATES", "WATER", "TRADE_LICENCES"):
        assert f"HUB_{name}_URL" in findings
    for name in ("POWER_PASSWORD", "LABOUR_CLIENT_SECRET", "SCHOLARSHIPS_API_KEY"):
        assert f"HUB_{name} has the value of the demo" in findings


def test_unknown_variables_are_named(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("HUB_DATABSE_URL=x\n# HUB_COMMENT=1\nexport HUB_POLCY=y\nOTHER=z\n")
    environment = {"HUB_ISUERS": "a", "HUB_PENSIONS_URL": "b", "HUB_PORT": "1", "HUB_XYZZY": "c"}
    found = unknown_variables(find_departments(), environment, dotenv)
    assert found == [
        "The hub does not know the variable HUB_DATABSE_URL: did you mean HUB_DATABASE_URL?",
        "The hub does not know the variable HUB_ISUERS: did you mean HUB_ISSUERS?",
        "The hub does not know the variable HUB_POLCY: did you mean HUB_POLICY?",
        "The hub does not know the variable HUB_XYZZY: remove it, or correct its name.",
    ]


def test_the_hub_does_not_start_in_production_with_the_demos_settings(tmp_path: Path) -> None:
    environment = {name: each for name, each in os.environ.items() if name[:4] != "HUB_"}
    url = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    process = subprocess.run(
        [sys.executable, "-m", "hub", "serve", "--port", "0"],
        env={**environment, "HUB_ENV": "production", "HUB_DATABASE_URL": url},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 2
    assert "HUB_ISSUERS is not set" in process.stderr
    assert "HUB_PENSIONS_URL is not set" in process.stderr
    assert not (tmp_path / "hub.db").exists()
