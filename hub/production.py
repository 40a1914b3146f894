"""The checks of `HUB_ENV=production`: the hub does not start with settings that fit a demo only."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import make_url

from adapters.connectors.secrets import names_secret
from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.references import REFERENCE
from hub.access.policy import Policy
from hub.access.sign_in import Issuer
from hub.access.sign_in.issuers import LOOPBACK
from hub.settings import Settings

ADMIN_TOKEN_LENGTH = 32
OTHER_VARIABLES = frozenset({"HUB_INTROSPECT_PASSWORD"})
"""Variables that commands read without `Settings`."""
_LOOPBACK = re.compile(r"\blocalhost\b|\b127(?:\.\d+){3}\b|(?<![\w:])::1\b", re.IGNORECASE)
_CREDENTIAL_IN_URL = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
_VARIABLE = re.compile(r"^\s*(?:export\s+)?(HUB_\w+)\s*=", re.MULTILINE)
_DEMO = re.compile(
    r"(?<![a-z0-9])(?:demo|demonstration|made-up|example|change-?me|password|secret|test)"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)


class ProductionError(Exception):
    """The configuration is not fit for production.

    Attributes:
        findings: what is wrong and what to do, one sentence or two each.
    """

    def __init__(self, findings: Sequence[str]) -> None:
        self.findings = findings
        listed = "\n".join(f"  - {finding}" for finding in findings)
        super().__init__(f"HUB_ENV=production does not allow this configuration:\n{listed}")


def check_production(
    settings: Settings,
    issuers: Sequence[Issuer],
    policy: Policy,
    folders: Sequence[Path],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Check that the hub may run with real data.

    Args:
        settings: the hub's settings.
        issuers: whose tokens the hub accepts.
        policy: the policy on personal data.
        folders: folders of the departments.
        environment: environment variables, by name.

    Raises:
        ProductionError: it may not; lists all reasons.
    """
    findings = [
        *_of_sign_in(issuers),
        *_of_settings(settings),
        *_of_storage(settings),
        *_of_secrets(settings),
        *_of_departments(folders, environment),
    ]
    rule = policy.grants_everything()
    if rule is not None:
        findings.append(
            f"The rule {rule!r} of the policy shows everybody's data to a role. Correct the policy "
            "(HUB_POLICY)."
        )
    if findings:
        raise ProductionError(findings)


def unknown_variables(
    folders: Sequence[Path],
    environment: Mapping[str, str] = os.environ,
    dotenv: Path = Path(".env"),
) -> list[str]:
    """Return a sentence for each variable `HUB_…` that neither the hub nor a department reads.

    Args:
        folders: folders of all departments, also of those that are not served.
        environment: environment variables, by name.
        dotenv: file that also contains variables, if it exists.
    """
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    for folder in folders:
        for _document, _key_path, match in _references(folder):
            known.add(match[2])
    written = dotenv.read_text(encoding="utf-8") if dotenv.is_file() else ""
    given = {*_VARIABLE.findall(written), *environment}
    return [
        f"The hub does not know the variable {name}: {_remedy(name, known)}"
        for name in sorted(given)
        if name.startswith("HUB_") and name not in known
    ]


def _remedy(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else "remove it, or correct its name."


def _of_sign_in(issuers: Sequence[Issuer]) -> Iterator[str]:
    if not issuers:
        yield "HUB_ISSUERS is not set: nobody could sign in. See docs/access.md."
    for issuer in issuers:
        for url in (issuer.issuer, issuer.keys_url):
            if url is not None and not _is_public_https(url):
                yield (
                    f"The issuer {issuer.issuer} is not a provider for production: {url} is not "
                    "HTTPS, or on this machine. Name the state's provider in HUB_ISSUERS."
                )
                break


def _of_settings(settings: Settings) -> Iterator[str]:
    if settings.access == "off":
        yield "HUB_ACCESS=off shows everything to everybody. Remove it."
    if settings.introspection:
        yield "HUB_INTROSPECTION is on: everybody could read the whole schema. Set it to false."
    if settings.debug:
        yield "HUB_DEBUG is on. Remove it."
    if not settings.access_log_required:
        yield (
            "HUB_ACCESS_LOG_REQUIRED=false: data could be read without a trace in the access log. "
            "Remove it."
        )
    if not settings.allowed_hosts:
        yield (
            "HUB_ALLOWED_HOSTS is not set: requests for any host would be served. Set it to the "
            "hub's host names."
        )
    for name, url in (("HUB_PUBLIC_URL", settings.public_url), ("HUB_SMS_URL", settings.sms_url)):
        if url and not _is_public_https(url):
            yield f"{name} is not an https:// URL of another machine. Correct it."
    if any(origin.startswith("http://") for origin in settings.cors_origins):
        yield "HUB_CORS_ORIGINS has an origin without HTTPS. Use https:// origins only."


def _of_storage(settings: Settings) -> Iterator[str]:
    if settings.database_url == Settings.model_fields["database_url"].default:
        yield (
            "HUB_DATABASE_URL is not set: the database would be a file in the working directory. "
            "Set it."
        )
    if settings.attachments_url is None and not settings.database_url.startswith("sqlite"):
        yield (
            "HUB_ATTACHMENTS_URL is not set: each replica would store uploaded documents in its "
            "working directory. Set it to a folder or bucket that all replicas share."
        )


def _of_secrets(settings: Settings) -> Iterator[str]:
    for field in type(settings).model_fields:
        value = getattr(settings, field)
        if isinstance(value, SecretStr) and _DEMO.search(value.get_secret_value()):
            yield f"HUB_{field.upper()} is a demo's secret. Use a random one: openssl rand -hex 32"
    for field in ("database_url", "access_log_url", "cache_url"):
        password = _password_in(getattr(settings, field))
        if password is not None and _DEMO.search(password):
            yield f"HUB_{field.upper()} has a demo's password. Use a random one."
    token = settings.admin_token
    if token is not None and len(token.get_secret_value()) < ADMIN_TOKEN_LENGTH:
        yield (
            f"HUB_ADMIN_TOKEN has less than {ADMIN_TOKEN_LENGTH} characters. Use a random one: "
            "openssl rand -hex 32"
        )


def _of_departments(folders: Sequence[Path], environment: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    for folder in folders:
        for document, key_path, match in _references(folder):
            kind, name, default = match.groups()
            if default is None or name in seen:
                continue
            if kind == "env" and environment.get(name, default) != default:
                continue
            if kind == "file" and Path(name).expanduser().exists():
                continue
            at = f"{document.path}:{document.line_of(key_path)}"
            if _is_secret(key_path, default):
                seen.add(name)
                yield f"{name} has the value of the demo ({at}). Set it to the hub's credential."
            elif _LOOPBACK.search(default):
                seen.add(name)
                yield (
                    f"{name} is not set: the hub would call this machine, not the department "
                    f"{folder.name} ({at}). Set it to the department's address."
                )


def _references(folder: Path) -> Iterator[tuple[Document, KeyPath, re.Match[str]]]:
    """Yield each reference in a department's manifest, with its key path."""
    document = read_document(folder / "department.yaml")

    def walk(content: Any, key_path: KeyPath) -> Iterator[tuple[KeyPath, re.Match[str]]]:
        if isinstance(content, str):
            for match in REFERENCE.finditer(content):
                yield key_path, match
        elif isinstance(content, dict):
            for key, value in content.items():
                yield from walk(value, (*key_path, key))
        elif isinstance(content, list):
            for number, value in enumerate(content):
                yield from walk(value, (*key_path, number))

    for key_path, match in walk(document.content, ()):
        yield document, key_path, match


def _is_secret(key_path: KeyPath, default: str) -> bool:
    name = str(key_path[-1]) if key_path else ""
    return names_secret(name) or _CREDENTIAL_IN_URL.search(default) is not None


def _is_public_https(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_loopback = host in LOOPBACK or host.startswith("127.") or host.endswith(".localhost")
    return parts.scheme == "https" and bool(host) and not is_loopback


def _password_in(url: str | None) -> str | None:
    password = make_url(url).password if url is not None else None
    return str(password) if password is not None else None
