"""WS-Security headers of requests: UsernameToken, Timestamp, X.509 signature, written by zeep."""

import datetime as dt
from pathlib import Path
from typing import Self

from lxml import etree
from pydantic import SecretStr, model_validator
from zeep.wsse import utils
from zeep.wsse.signature import BinarySignature, Signature
from zeep.wsse.username import UsernameToken

from adapters.connectors.secrets import Secret
from adapters.connectors.setup import SetupError
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds

KEY_PATH = ("connector", "security")


class SecurityRule(StrictModel):
    """The WS-Security header of requests.

    Attributes:
        username: user name of a UsernameToken.
        password: password of that user.
        digest: true sends the password as a digest with nonce and time.
        timestamp: time for which a message is valid. Default: no Timestamp.
        certificate: PEM file of the certificate that signs Body and Timestamp.
        key: PEM file of its private key.
        key_password: password of the key.
        token: true sends the certificate as a BinarySecurityToken.
        sha1: true signs with SHA-1, for departments that support nothing newer.
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
            raise ValueError("give `username`, `timestamp` or `certificate`")
        return self


class Security:
    """Writes the WS-Security header.

    Raises:
        SetupError: a certificate can't be used.
    """

    def __init__(self, rule: SecurityRule, folder: Path) -> None:
        self._rule = rule
        self._signer = _signer(rule, folder)

    def apply(self, envelope: etree._Element) -> None:
        """Add the header to the envelope."""
        rule = self._rule
        security = utils.get_security_header(envelope)
        if rule.timestamp is not None:
            security.append(_timestamp(rule.timestamp))
        if rule.username is not None:
            token = UsernameToken(
                rule.username,
                _plain_text(rule.password),
                use_digest=rule.digest,
                zulu_timestamp=True,
            )
            token.apply(envelope, {})
        if self._signer is not None:
            # Last, because later changes would invalidate the signature.
            self._signer.apply(envelope, {})


def _plain_text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _timestamp(valid: float) -> etree._Element:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    timestamp: etree._Element = utils.WSU.Timestamp()
    for name, moment in (("Created", now), ("Expires", now + dt.timedelta(seconds=valid))):
        timestamp.append(utils.WSU(name, moment.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return timestamp


def _signer(rule: SecurityRule, folder: Path) -> Signature | None:
    if rule.certificate is None or rule.key is None:
        return None
    kind = BinarySignature if rule.token else Signature
    paths = {"certificate": folder / rule.certificate, "key": folder / rule.key}
    for name, path in paths.items():
        if not path.is_file():
            raise SetupError((*KEY_PATH, name), f"there is no file {path.name}", "correct its path")
    try:
        method, digest = _algorithms(sha1=rule.sha1)
        return kind(
            str(paths["key"]),
            str(paths["certificate"]),
            _plain_text(rule.key_password),
            method,
            digest,
        )
    except ImportError:
        message = "signing needs the library xmlsec"
        raise SetupError(KEY_PATH, message, "pip install 'citizen-hub[soap-signature]'") from None
    except OSError:
        message = "the certificate or its key can't be read"
        raise SetupError(KEY_PATH, message, "correct their paths and permissions") from None


def _algorithms(*, sha1: bool) -> tuple[object, object]:
    # An optional dependency: only departments that require a signature need it.
    from xmlsec import constants

    if sha1:
        return constants.TransformRsaSha1, constants.TransformSha1
    return constants.TransformRsaSha256, constants.TransformSha256
