"""WS-Security of requests: UsernameToken, Timestamp, X.509 signature; zeep writes them."""

import datetime as dt
from pathlib import Path
from typing import Protocol, Self

from lxml import etree
from pydantic import SecretStr, model_validator
from zeep.wsse import utils
from zeep.wsse.signature import BinarySignature, Signature
from zeep.wsse.username import UsernameToken

from adapters.connectors.secrets import Secret
from adapters.connectors.setup import SetupError
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

PLACE = ("connector", "security")


class SecurityRule(StrictModel):
    """The WS-Security header of requests.

    Attributes:
        username: for a UsernameToken.
        password: its password.
        digest: whether the password goes as a digest with nonce and time, never as it is.
        timestamp: how long a message is said to be valid; no Timestamp when not given.
        certificate: PEM file of the certificate to sign with (Body and Timestamp are signed).
        key: PEM file of its private key.
        key_password: of the key.
        token: whether the certificate goes along as a BinarySecurityToken.
        sha1: whether to sign with SHA-1, for departments that know nothing newer.
    """

    username: str | None = None
    password: Secret | None = None
    digest: bool = False
    timestamp: Seconds | None = None
    certificate: str | None = None
    key: str | None = None
    key_password: Secret | None = None
    token: bool = True
    sha1: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` go together")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` go together")
        if self.username is None and self.certificate is None and self.timestamp is None:
            raise ValueError("say `username`, `timestamp` or `certificate`")
        return self


class Signer(Protocol):
    """zeep's signatures."""

    def apply(self, envelope: etree._Element, headers: dict[str, str]) -> object: ...


class Security:
    """Writes the header that a rule asks for; raises `SetupError`.

    Args:
        rule: the manifest's.
        folder: where its files are, unless their paths are absolute.
    """

    def __init__(self, rule: SecurityRule, folder: Path) -> None:
        self._rule = rule
        self._signer = _signer(rule, folder)

    def apply(self, envelope: etree._Element) -> None:
        rule = self._rule
        security = utils.get_security_header(envelope)
        if rule.timestamp is not None:
            security.append(_timestamp(rule.timestamp))
        if rule.username is not None:
            token = UsernameToken(
                rule.username, _plain(rule.password), use_digest=rule.digest, zulu_timestamp=True
            )
            token.apply(envelope, {})
        if self._signer is not None:
            # Last: what is added after it would not be as it was signed.
            self._signer.apply(envelope, {})


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _timestamp(valid: float) -> etree._Element:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    timestamp: etree._Element = utils.WSU.Timestamp()
    for name, moment in (("Created", now), ("Expires", now + dt.timedelta(seconds=valid))):
        text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        timestamp.append(utils.WSU(name, text))
    return timestamp


def _signer(rule: SecurityRule, folder: Path) -> Signer | None:
    if rule.certificate is None or rule.key is None:
        return None
    kind = BinarySignature if rule.token else Signature
    paths = {"certificate": folder / rule.certificate, "key": folder / rule.key}
    for name, path in paths.items():
        if not path.is_file():
            raise SetupError((*PLACE, name), f"there is no file {path.name}", "correct its path")
    try:
        method, digest = _algorithms(sha1=rule.sha1)
        signer: Signer = kind(
            str(paths["key"]),
            str(paths["certificate"]),
            _plain(rule.key_password),
            method,
            digest,
        )
    except ImportError:
        message = "signing needs the library xmlsec"
        raise SetupError(PLACE, message, "pip install 'citizen-hub[soap-signature]'") from None
    except OSError:
        message = "the certificate or its key can't be read"
        raise SetupError(PLACE, message, "correct their paths and rights") from None
    return signer


def _algorithms(*, sha1: bool) -> tuple[object, object]:
    # An extra: departments that want no signature do without it.
    from xmlsec import constants

    if sha1:
        return constants.TransformRsaSha1, constants.TransformSha1
    return constants.TransformRsaSha256, constants.TransformSha256
